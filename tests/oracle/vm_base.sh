# What first processes of the guests have in common; they read it first of all.
# Results are sections on a disk: a line "SECTION name bytes", then the bytes.
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

# All that was found goes to that disk, and the guest goes off.
finish() {
  dmesg > /out/log
  section log /out/log >> /out/result
  echo > /out/end
  section end /out/end >> /out/result
  dd if=/out/result of="$1" bs=1M conv=fsync 2> /dev/null
  sync
  poweroff -f
}
