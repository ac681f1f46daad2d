#!/usr/bin/env bash
# Copyright The Greenroom Authors.
# SPDX-License-Identifier: Apache-2.0
#
# Fetches the browser assets that Greenroom embeds, at pinned versions, and writes them into the tree
# together with their licences and two lists (VENDORED.md) of what came from where.
#
# Needs node and npm, but only here: building, testing and running Greenroom uses the files as committed.
# To move to a newer version: change version and checksum below, run the script, look at the gallery, commit.
#
#   scripts/vendor-assets.sh            fetch, check, write
#   scripts/vendor-assets.sh --unpinned  print the checksums of what would be fetched, to put into the table
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
dest=$root/internal/web/static/assets/vendor
axe=$root/internal/browsertest/axe
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# package, version, sha256 of the npm archive
packages=(
  "@tabler/core 1.6.1 d02d679e51f6c179b21f035e154c13cdcb2ae8b18579e56ea606408ba7fc7a87"
  "inter-ui 4.1.1 e392e4d71f18a7c1f23dfecd833d68fa05eeab41862686584e80fd2b5d87e9c0"
  "htmx.org 2.0.11 165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e"
  "echarts 6.1.0 681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481"
  "zrender 6.1.0 38f2fb722a638be016ca0175b139c40c886ef47fc2afdb741b2e7e7ae9683f9c"
  "tslib 2.3.0 ae285639feff7e3c39de4626352181a5d73b815725e42639b411c43848abffdb"
  "axe-core 4.14.1 e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
)
esbuild_version=0.28.2 # bundles ECharts; its output is checked instead of its platform-dependent archive
echarts_sum=4a9b38a5a2f1a37340ccda4def56e8ba47ea1510a7fa30dd4d37fc32c060ca3d

fetch() { # name version -> unpacked at $work/<name>
  local name=$1 version=$2 file
  file=$(cd "$work" && npm pack --silent "$name@$version" 2>/dev/null)
  mkdir -p "$work/node_modules/$name"
  tar -xzf "$work/$file" -C "$work/node_modules/$name" --strip-components=1
  archive=$work/$file
}

check() { # sum file what
  local got
  got=$(sha256sum "$2" | cut -d' ' -f1)
  if [[ $got != "$1" ]]; then
    echo "vendor-assets: $3 has sha256 $got, expected $1" >&2
    return 1
  fi
}

for entry in "${packages[@]}"; do
  read -r name version sum <<<"$entry"
  fetch "$name" "$version"
  if [[ ${1:-} == --unpinned ]]; then
    echo "$name $version $(sha256sum "$archive" | cut -d' ' -f1)"
  else
    check "$sum" "$archive" "$name@$version"
  fi
done
[[ ${1:-} == --unpinned ]] && exit 0

platform=$(node -p 'process.platform + "-" + process.arch')
fetch "@esbuild/$platform" "$esbuild_version"
esbuild=$work/node_modules/@esbuild/$platform/bin/esbuild

rm -rf "$dest"
mkdir -p "$dest"/{tabler,inter,htmx,echarts} "$axe"
mods=$work/node_modules

# Tabler: the CSS alone. Its inline images (data: addresses) become files, so that pages can be served with
# "default-src 'self'" and nothing else; and all of it goes into a cascade layer, so that Greenroom's own rules
# win whatever their specificity.
node - "$mods/@tabler/core/dist/css/tabler.min.css" "$dest/tabler" <<'JS'
const fs = require("fs"), path = require("path");
const [, , source, dir] = process.argv;
const seen = new Map();
let css = fs.readFileSync(source, "utf8");
css = css.replace(/url\("data:image\/svg\+xml,([^"]*)"\)/g, (_, data) => {
  const svg = decodeURIComponent(data);
  if (!seen.has(svg)) {
    const name = "icon-" + String(seen.size + 1).padStart(2, "0") + ".svg";
    fs.writeFileSync(path.join(dir, name), svg + "\n");
    seen.set(svg, name);
  }
  return `url("${seen.get(svg)}")`;
});
css = css.replace(/\/\*# sourceMappingURL=.*?\*\/\s*/g, "").replace(/^@charset "UTF-8";/, "");
if (/url\("?(data|http)/.test(css)) throw new Error("an address in tabler.min.css would be refused by the content security policy");
fs.writeFileSync(path.join(dir, "tabler.min.css"), "@layer tabler{" + css + "}\n");
JS
cat >"$dest/tabler/LICENSE" <<'TXT'
The MIT License (MIT)

Copyright (c) 2018-2026 The Tabler Authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
TXT

# Inter: a small file for what most pages have, and the whole font, which the browser loads only when a page has other
# characters (it asks for the later rule first). Both keep the alternates cv11 and ss01 that the style sheet uses.
cp "$mods/inter-ui/variable-latin/InterVariable-subset.woff2" "$dest/inter/inter-latin.woff2"
cp "$mods/inter-ui/variable/InterVariable.woff2" "$dest/inter/inter.woff2"
cp "$mods/inter-ui/LICENSE.txt" "$dest/inter/LICENSE"
cat >"$dest/inter/inter.css" <<'CSS'
@font-face {
  font-family: "Inter";
  font-style: normal;
  font-weight: 100 900;
  font-display: swap;
  src: url("inter.woff2") format("woff2");
}
@font-face {
  font-family: "Inter";
  font-style: normal;
  font-weight: 100 900;
  font-display: swap;
  src: url("inter-latin.woff2") format("woff2");
  unicode-range: U+0000, U+0020-007E, U+00A0-00AC, U+00AE-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-200B, U+2010-2027, U+202F-2055, U+2057, U+205F, U+2074, U+20AC, U+2122, U+2191, U+2193, U+2212, U+FEFF;
}
CSS

cp "$mods/htmx.org/dist/htmx.min.js" "$mods/htmx.org/LICENSE" "$dest/htmx/"

# ECharts: only the chart types and parts that pages use.
cat >"$work/entry.js" <<'JS'
export * from "echarts/core";
import { use } from "echarts/core";
import { LineChart, BarChart, ScatterChart, HeatmapChart, CustomChart } from "echarts/charts";
import {
  GridComponent, TooltipComponent, LegendComponent, LegendScrollComponent, MarkLineComponent, MarkAreaComponent,
  MarkPointComponent, VisualMapComponent, CalendarComponent, AriaComponent, DataZoomInsideComponent, DatasetComponent,
} from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
use([
  LineChart, BarChart, ScatterChart, HeatmapChart, CustomChart,
  GridComponent, TooltipComponent, LegendComponent, LegendScrollComponent, MarkLineComponent, MarkAreaComponent,
  MarkPointComponent, VisualMapComponent, CalendarComponent, AriaComponent, DataZoomInsideComponent, DatasetComponent,
  CanvasRenderer,
]);
JS
(cd "$work" && "$esbuild" entry.js --bundle --minify --format=iife --global-name=echarts --legal-comments=none \
  '--define:process.env.NODE_ENV="production"' --target=es2020 \
  --banner:js='/*! Apache ECharts 6.1.0, Apache-2.0, built with the parts that Greenroom uses; see LICENSE and NOTICE */' \
  --outfile=echarts.custom.min.js --log-level=warning)
check "$echarts_sum" "$work/echarts.custom.min.js" "the ECharts build"
cp "$work/echarts.custom.min.js" "$mods/echarts/LICENSE" "$mods/echarts/NOTICE" "$dest/echarts/"
cp "$mods/zrender/LICENSE" "$dest/echarts/LICENSE-zrender"

cp "$mods/axe-core/axe.min.js" "$mods/axe-core/LICENSE" "$mods/axe-core/LICENSE-3RD-PARTY.txt" "$axe/"

list() { # folder, then lines "file-prefix | name | version | licence | note"
  local folder=$1
  shift
  echo "# Vendored files"
  echo
  echo "Written by \`scripts/vendor-assets.sh\`; do not edit. Licence texts lie beside the files."
  echo
  echo "| name | version | licence | source | note |"
  echo "|---|---|---|---|---|"
  printf '%s\n' "$@"
  echo
  echo "| file | sha256 |"
  echo "|---|---|"
  (cd "$folder" && find . -type f ! -name '*.md' ! -name '*.go' | LC_ALL=C sort | sed 's#^\./##' | while read -r f; do
    echo "| $f | $(sha256sum "$f" | cut -d' ' -f1) |"
  done)
}
list "$dest" \
  "| Tabler | 1.6.1 | MIT | npm @tabler/core | the CSS, in a cascade layer; inline images moved into files |" \
  "| Inter | 4.1.1 | OFL-1.1 | npm inter-ui | upright, variable weight and optical size |" \
  "| htmx | 2.0.11 | 0BSD | npm htmx.org | |" \
  "| Apache ECharts | 6.1.0 | Apache-2.0 | npm echarts | with zrender 6.1.0 (BSD-3-Clause) and tslib 2.3.0 (0BSD); bundled by esbuild $esbuild_version |" \
  >"$dest/VENDORED.md"
list "$axe" "| axe-core | 4.14.1 | MPL-2.0 | npm axe-core | used by tests only, not part of the binary |" >"$axe/VENDORED.md"
du -sh "$dest" "$axe" >&2
