#!/bin/sh
# Runs in the guest as the first process: mounts each UDF volume that /volumes lists, fills it with /fill, mounts it again to look
# at, and writes what it sees to the last disk in the form of vm_init.sh. /volumes: name, device, options.
busybox=/bin/busybox
$busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mount -t tmpfs -o size=90% tmp /out
while read -r module; do insmod "$module"; done < /modules

section() {
  printf 'SECTION %s %s\n' "$1" "$(stat -c %s "$2")"
  cat "$2"
}

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
dmesg > /out/log
section log /out/log >> /out/result
echo > /out/end
section end /out/end >> /out/result
dd if=/out/result of="/dev/$(cat /last)" bs=1M conv=fsync 2> /dev/null
sync
poweroff -f
