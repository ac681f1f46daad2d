// Copyright The Greenroom Authors. SPDX-License-Identifier: Apache-2.0

// Draws the charts that internal/web/ui describes in data-chart. All figures arrive with their text; here is only
// how they look: colors from the style sheet in both modes, tooltips from our own elements (the content security
// policy refuses markup with style attributes), a click on a point opens the records behind it.
(function () {
  "use strict";
  const drawn = new Set();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // color resolves a custom property to what the present mode makes of it.
  function color(name) {
    const probe = document.createElement("i");
    probe.style.color = "var(" + name + ")";
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }
  function fade(value, alpha) {
    return value.replace(/^rgb\((.*)\)$/, (_, rgb) => "rgba(" + rgb + ", " + alpha + ")");
  }
  function theme() {
    const c = { text: color("--gr-text"), muted: color("--gr-muted"), line: color("--gr-line"), surface: color("--gr-surface"), strong: color("--gr-strong"), edge: color("--gr-edge") };
    c.series = [];
    for (let i = 1; i <= 8; i++) c.series.push(color("--gr-c" + i));
    c.heat = [];
    for (let i = 0; i <= 4; i++) c.heat.push(color("--gr-h" + i));
    return c;
  }

  // short writes the figures of an axis.
  function short(unit, value) {
    if (unit === "share") return Math.round(value * 100) + " %";
    if (unit === "span") {
      if (value >= 172800) return +(value / 86400).toFixed(1) + " d";
      if (value >= 3600) return +(value / 3600).toFixed(1) + " h";
      if (value >= 60) return Math.round(value / 60) + " min";
      return value ? value + " s" : "0";
    }
    return value.toLocaleString("en-US");
  }
  // interval keeps the ticks of spans on whole hours and days.
  function interval(data) {
    if (data.unit !== "span") return undefined;
    const top = Math.max(...data.series.flatMap((s) => [...s.values, ...(s.high || [])]).filter((v) => v !== null), data.target?.value || 0);
    return [60, 300, 600, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000].find((step) => top / step <= 7);
  }

  function tooltip(data, c) {
    return {
      trigger: data.kind === "heat" || data.kind === "calendar" ? "item" : "axis",
      confine: true, backgroundColor: c.surface, borderColor: c.line, borderWidth: 1, padding: [8, 12], transitionDuration: 0, className: "plot-float",
      axisPointer: { type: data.kind === "line" || data.kind === "area" ? "line" : "shadow", lineStyle: { color: c.edge }, shadowStyle: { color: fade(c.edge, 0.12) }, z: 0 },
      formatter(params) {
        const list = (Array.isArray(params) ? params : [params]).filter((p) => data.series[p.seriesIndex] || p.data?.say);
        const tip = document.createElement("div");
        tip.className = "plot-tip";
        const head = document.createElement("b");
        head.textContent = list[0]?.data?.where ?? list[0]?.name ?? "";
        tip.append(head);
        for (const p of list) {
          const name = document.createElement("span");
          const dot = document.createElement("i");
          dot.style.background = p.color;
          const series = p.data?.row ?? data.series[p.seriesIndex];
          name.append(dot, series.name);
          const value = document.createElement("span");
          value.textContent = p.data?.say ?? series.text[p.dataIndex];
          tip.append(name, value);
        }
        return tip;
      },
    };
  }

  function axes(data, c) {
    const label = { color: c.muted, fontSize: 11, hideOverlap: true };
    const place = { type: "category", data: data.labels, boundaryGap: data.kind !== "line" && data.kind !== "area", axisTick: { show: false }, axisLine: { lineStyle: { color: c.edge } }, axisLabel: label };
    const step = interval(data);
    const round = (top) => (step ? Math.ceil(top / step) * step : top);
    const value = {
      type: "value", splitNumber: 4, splitLine: { lineStyle: { color: c.line } }, axisLabel: { ...label, formatter: (v) => short(data.unit, v) }, interval: step,
      minInterval: data.unit ? undefined : 1, max: step || data.target ? (e) => round(Math.max(e.max, (data.target?.value || 0) * 1.05)) : undefined,
    };
    if (data.kind === "across") return { xAxis: value, yAxis: { ...place, inverse: true, axisLabel: { ...label, width: 130, overflow: "truncate" } } };
    return { xAxis: place, yAxis: value };
  }

  // A period that has not ended is drawn dashed. ECharts cannot dash one piece of a line, so the series is cut in two.
  function lines(data, c) {
    const out = [];
    for (const s of data.series) {
      const ink = c.series[s.color - 1];
      const whole = { name: s.name, type: "line", data: s.values, symbol: "circle", symbolSize: 7, showSymbol: s.values.length === 1, itemStyle: { color: ink }, lineStyle: { width: 2.2, color: ink }, z: 3, connectNulls: false };
      if (data.kind === "area") Object.assign(whole, { stack: "all", lineStyle: { width: 1, color: ink }, areaStyle: { color: ink, opacity: 0.75 }, symbolSize: 0 });
      else if (data.open && s.values.length > 1) {
        const last = s.values.length - 1;
        whole.data = s.values.map((v, i) => (i < last ? v : null));
        whole.tail = { ...whole, data: s.values.map((v, i) => (i >= last - 1 ? v : null)), lineStyle: { ...whole.lineStyle, type: [4, 4] }, silent: true, tooltip: { show: false } };
      }
      out.push(whole);
    }
    const extra = [];
    data.series.forEach((s, i) => {
      if (out[i].tail) {
        extra.push(out[i].tail);
        delete out[i].tail;
      }
      if (!s.low || !s.high) return;
      const ink = c.series[s.color - 1];
      const band = { type: "line", symbol: "none", silent: true, lineStyle: { opacity: 0 }, stack: "band" + i, z: 1, tooltip: { show: false }, emphasis: { disabled: true } };
      extra.push({ ...band, data: s.low }, { ...band, data: s.high.map((h, j) => (h === null || s.low[j] === null ? null : h - s.low[j])), areaStyle: { color: ink, opacity: 0.16 } });
    });
    return [...out, ...extra];
  }

  function bars(data, c) {
    return data.series.map((s) => ({
      name: s.name, type: "bar", stack: data.kind === "bar" ? undefined : "all", barMaxWidth: data.kind === "across" ? 22 : 34, barCategoryGap: "32%",
      data: s.values.map((v, i) => ({ value: v, itemStyle: data.open && i === s.values.length - 1 ? { opacity: 0.5 } : undefined })), itemStyle: { color: c.series[s.color - 1], borderColor: c.surface, borderWidth: data.kind === "bar" ? 0 : 0.5 },
    }));
  }

  // side keeps the text of a mark inside the chart.
  function side(data, at) {
    const place = data.labels.indexOf(at) / Math.max(data.labels.length - 1, 1);
    return place > 0.85 ? "right" : place < 0.1 ? "left" : "center";
  }

  // legible says which marks have room for their text, the latest first: a text over another says nothing.
  function legible(data, width) {
    const perLetter = 6.3, gap = 8;
    const taken = [], fits = new Set();
    for (let i = (data.marks || []).length - 1; i >= 0; i--) {
      const m = data.marks[i], long = m.text.length * perLetter;
      const x = (data.labels.indexOf(m.at) / Math.max(data.labels.length - 1, 1)) * width;
      const from = x - { left: 0, center: long / 2, right: long }[side(data, m.at)];
      if (taken.some(([a, b]) => from < b + gap && from + long + gap > a)) continue;
      taken.push([from, from + long]);
      fits.add(m);
    }
    return fits;
  }

  function marks(data, c, width) {
    const fits = legible(data, width);
    const list = (data.marks || []).map((m) => ({ xAxis: m.at, label: { show: fits.has(m), formatter: m.text, position: "end", align: side(data, m.at), color: c.text, fontSize: 11 }, lineStyle: { type: "dashed", color: c.muted, width: 1 } }));
    if (data.target) {
      const across = data.kind === "across" ? { xAxis: data.target.value } : { yAxis: data.target.value };
      list.push({ ...across, label: { formatter: data.target.text, position: "insideEndTop", color: c.text, fontSize: 11 }, lineStyle: { type: "dotted", color: c.series[2], width: 2 } });
    }
    return list.length ? { symbol: "none", silent: true, animation: false, data: list } : undefined;
  }

  function grid(data, c) {
    const all = data.series.flatMap((s) => s.values).filter((v) => v !== null);
    const shared = { visualMap: { show: false, min: 0, max: Math.max(...all, 1e-9), inRange: { color: c.heat } }, tooltip: tooltip(data, c) };
    if (data.kind === "calendar") {
      const s = data.series[0];
      return {
        ...shared,
        calendar: { range: [data.labels[0], data.labels[data.labels.length - 1]], top: 22, left: 30, right: 4, bottom: 4, cellSize: ["auto", "auto"], splitLine: { show: false }, itemStyle: { color: c.heat[0], borderColor: c.surface, borderWidth: 2 }, yearLabel: { show: false }, dayLabel: { firstDay: 1, color: c.muted, fontSize: 10, nameMap: ["S", "M", "T", "W", "T", "F", "S"] }, monthLabel: { color: c.muted, fontSize: 10, nameMap: "EN" } },
        series: [{ type: "heatmap", coordinateSystem: "calendar", data: data.labels.map((l, i) => ({ value: [l, s.values[i]], where: l, say: s.text[i], row: s, href: s.hrefs?.[i] })) }],
      };
    }
    const cells = data.series.flatMap((s, y) => s.values.map((v, x) => (v === null ? null : { value: [x, y, v], where: data.labels[x], say: s.text[x], row: s, href: s.hrefs?.[x] }))).filter(Boolean);
    return {
      ...shared,
      grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: data.labels, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: c.muted, fontSize: 11 } },
      yAxis: { type: "category", inverse: true, data: data.series.map((s) => s.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: c.muted, fontSize: 11 } },
      series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: c.surface, borderWidth: 2 } }],
    };
  }

  function option(data, width) {
    const c = theme();
    const base = { animation: !calm.matches, animationDuration: 250, textStyle: { fontFamily: "Inter, system-ui, sans-serif", color: c.text }, color: c.series, aria: { enabled: false } };
    if (data.kind === "heat" || data.kind === "calendar") return { ...base, ...grid(data, c) };
    const series = data.kind === "line" || data.kind === "area" ? lines(data, c) : bars(data, c);
    if (series.length) series[0].markLine = marks(data, c, width);
    const legend = data.series.length > 1;
    return {
      ...base, series, tooltip: tooltip(data, c), ...axes(data, c),
      legend: legend ? { show: false, data: data.series.map((s) => s.name) } : undefined, // drawn as buttons; this keeps what is on and off
      grid: { left: 4, right: 22, top: 12 + (data.marks?.length ? 14 : 0), bottom: 2, containLabel: true },
    };
  }

  // legend makes a button a series, above the picture: they wrap where there are many, can be reached by keyboard, and
  // take a series away and back.
  function legend(island, data, chart) {
    if (data.series.length < 2 || data.kind === "heat" || data.kind === "calendar") return () => {};
    const list = document.createElement("ul");
    list.className = "plot-legend";
    list.setAttribute("aria-label", "Series");
    const dots = data.series.map((s) => {
      const button = Object.assign(document.createElement("button"), { type: "button", title: s.name });
      const dot = document.createElement("i");
      button.append(dot, Object.assign(document.createElement("span"), { textContent: s.name }));
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        chart.dispatchAction({ type: on ? "legendSelect" : "legendUnSelect", name: s.name });
      });
      const item = document.createElement("li");
      item.append(button);
      list.append(item);
      return dot;
    });
    island.prepend(list);
    return () => {
      const c = theme();
      dots.forEach((dot, i) => {
        dot.style.background = c.series[data.series[i].color - 1];
        if (dot.parentElement.getAttribute("aria-pressed") === "false") chart.dispatchAction({ type: "legendUnSelect", name: data.series[i].name });
      });
    };
  }

  function draw(island) {
    const data = JSON.parse(island.dataset.chart);
    const canvas = island.querySelector(".plot-canvas");
    const chart = echarts.init(canvas, null, { renderer: "canvas" });
    chart.setOption(option(data, chart.getWidth()));
    const paint = legend(island, data, chart);
    paint();
    chart.on("click", (event) => {
      const href = event.data?.href ?? data.series[event.seriesIndex]?.hrefs?.[event.dataIndex];
      if (href) location.assign(href);
    });
    // between the points of a line, the nearest label opens
    chart.getZr().on("click", (event) => {
      if (event.target || data.series.length !== 1 || !data.series[0].hrefs || (data.kind !== "line" && data.kind !== "area")) return;
      const spot = [event.offsetX, event.offsetY];
      if (!chart.containPixel("grid", spot)) return;
      const href = data.series[0].hrefs[Math.round(chart.convertFromPixel({ seriesIndex: 0 }, spot)[0])];
      if (href) location.assign(href);
    });
    island.dataset.drawn = "";
    const seen = new ResizeObserver(() => {
      if (canvas.isConnected) {
        chart.resize();
        if (data.marks?.length) again(); // other texts fit now
      } else {
        seen.disconnect();
        chart.dispose();
        drawn.delete(again);
      }
    });
    seen.observe(canvas);
    const again = () => {
      chart.setOption(option(data, chart.getWidth()), true);
      paint();
    };
    drawn.add(again);
  }

  window.greenroomCharts = function () {
    for (const island of document.querySelectorAll("[data-chart]:not([data-drawn])")) draw(island);
  };
  document.addEventListener("greenroom:theme", () => drawn.forEach((again) => again()));
})();
