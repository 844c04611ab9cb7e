#!/bin/sh
# Draws the app's pictures for home screens again, from public/icon.svg. Needs
# rsvg-convert (librsvg2-bin). What it writes is committed.
set -eu
cd "$(dirname "$0")/public"
full=$(mktemp)
trap 'rm -f "$full"' EXIT
sed 's/ rx="14"//' icon.svg >"$full" # systems cut their own corners
rsvg-convert -w 192 -h 192 icon.svg -o icon-192.png
rsvg-convert -w 512 -h 512 icon.svg -o icon-512.png
rsvg-convert -w 512 -h 512 "$full" -o icon-maskable-512.png
rsvg-convert -w 180 -h 180 "$full" -o apple-touch-icon.png
