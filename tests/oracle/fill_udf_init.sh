#!/bin/sh
# Runs in the guest as the first process: mounts each UDF volume that /volumes lists, fills it with /fill, mounts it again to look
# at, and writes what it sees to the last disk. /volumes: name, device, options.
. /base

look() {
  cd /mnt || return
  find . -print0 > /out/names
  find . -exec stat -c '%f %s %h %u %g %t %T %y' {} + > /out/numbers
  find . -type l -exec readlink -n {} \; -exec printf '\000' \; > /out/links
  find . -type f -print0 > /out/files
  find . -type f -exec sha256sum {} + > /out/hashes
  for part in names numbers links files hashes; do section "$part.$1" "/out/$part" >> /out/result; done
  cd /
}

one() {
  mount -t udf -o "rw,iocharset=utf8$3" "$2" /mnt || return
  sh /fill /mnt /fill.tar yes || echo "filling failed"
  umount /mnt && mount -t udf -o ro,unhide,iocharset=utf8 "$2" /mnt || return
  look "$1"
  umount /mnt
}

while read -r name device options; do
  one "$name" "$device" "$options" > /out/said 2>&1
  section "said.$name" /out/said >> /out/result
done < /volumes
sync
finish "/dev/$(cat /last)"
