#!/bin/sh
# Sends 10,000 events with the real library while the server is killed and started again four times, and counts what is
# stored: 9,700 activities with as many different ids. Call it in a folder with `npm install` done, and the binary's path:
#
#   cd tools/segmentcheck && npm install && sh killed.sh ../../greenroom
set -eu
greenroom=$1
data=$(mktemp -d)
trap 'kill "$(cat "$data/pid")" 2>/dev/null || true; rm -rf "$data"' EXIT
serve() {
  "$greenroom" serve --data "$data/data" --addr 127.0.0.1:8171 >>"$data/log" 2>&1 &
  echo $! >"$data/pid"
}
"$greenroom" import segment sesame --source product --data "$data/data" >/dev/null
serve
sleep 3
node send.mjs --host http://127.0.0.1:8171 --key sesame --events 10000 --pause 600 & # for twelve seconds
sender=$!
killed=0
for _ in 1 2 3 4; do
  sleep 1.5
  if kill -0 "$sender" 2>/dev/null; then killed=$((killed + 1)); fi
  kill -9 "$(cat "$data/pid")"
  sleep 1
  serve
done
wait "$sender"
sleep 10 # what was acknowledged becomes activities
"$greenroom" list activities --data "$data/data" --format jsonl --query source:product |
  sed 's/.*"external_id":"\([^"]*\)".*/\1/' | sort | tee "$data/all" | uniq >"$data/different"
echo "the server was killed $killed times while events were being sent"
[ "$killed" -eq 4 ]
echo "$(wc -l <"$data/all") activities with $(wc -l <"$data/different") ids; 9700 of both are expected"
[ "$(wc -l <"$data/all")" -eq 9700 ] && [ "$(wc -l <"$data/different")" -eq 9700 ]
