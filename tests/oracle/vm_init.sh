#!/bin/sh
# Runs in the guest as the first process. Mounts discs in every way that /mounts lists, and writes what it sees to the last disk.
# /mounts: name, device, type, options. /sample.NAME: a script that hashes files. /windows.NAME: one that hashes parts.
. /base

while read -r name device type options; do
  if mount -t "$type" -o "ro,$options" "$device" /mnt 2> /out/error; then
    cd /mnt || exit 1
    # find gives the same order each time, so that names and numbers can come apart: names may hold anything.
    find . -print0 > /out/names
    # Not with xargs: the batches that busybox makes with it overlap.
    find . -exec stat -c '%f %s %Y %h %u %g %t %T' {} + > /out/numbers 2> /out/error
    find . -type l -exec readlink -n {} \; -exec printf '\000' \; > /out/links 2>> /out/error
    sh "/sample.$name" > /out/hashes 2>> /out/error
    sh "/windows.$name" > /out/windows 2>> /out/error
    for part in names numbers links hashes windows; do section "$part.$name" "/out/$part" >> /out/result; done
    cd / && umount /mnt
  fi
  section "error.$name" /out/error >> /out/result
done < /mounts
finish "/dev/$(cat /last)"
