#!/bin/sh
# Fills the folder $1 from the archive $2 and then changes it as discs change in use. Runs twice with the programs of one busybox:
# in the guest, on each UDF volume, and on the host, to make the folder that those are compared with. $3: yes to make devices.
set -e
cd "$1"
tar -xf "$2"

# Nodes. The kernel makes no numbers above 255 on UDF, and busybox no sockets.
mkdir nodes
mkfifo -m 640 nodes/fifo
if [ "$3" = yes ]; then
  mknod -m 666 nodes/char c 1 3
  mknod -m 660 nodes/block b 179 255
fi

# A file that grows out of its entry, byte by byte at first.
i=0
while [ $i -lt 60 ]; do
  printf '%064d' $i >> grown
  i=$((i + 1))
done

# Two files that grow in turn: neither is in one piece, and the list of pieces outgrows a block.
i=0
while [ $i -lt 300 ]; do
  printf '%04095d\n' $i >> left
  printf '%04095d\n' $((i * 7)) >> right
  i=$((i + 1))
done

# Holes: at the start, in the middle, at the end; a file that is nothing else.
truncate -s 3145728 holes
printf 'an island' | dd of=holes bs=1 seek=1048579 conv=notrunc 2> /dev/null
printf 'the other' | dd of=holes bs=1 seek=2097151 conv=notrunc 2> /dev/null
truncate -s 1000001 nothing
truncate -s 100 small-nothing

# Cut, grown again, overwritten in the middle, emptied.
truncate -s 70001 sizes/cut
truncate -s 5000 sizes/cut-and-grown
truncate -s 90000 sizes/cut-and-grown
printf 'CHANGED' | dd of=sizes/mib bs=1 seek=2097149 conv=notrunc 2> /dev/null
: > sizes/emptied

# Names go and come: entries that are deleted, places that are used again, one folder that goes altogether.
rm many/entry-*5*
i=0
while [ $i -lt 20 ]; do
  : > "many/a new and rather longer name, number $i"
  i=$((i + 1))
done
mkdir -p gone/and/deeper
cp many/entry-000 gone/and/deeper
cp sizes/mib gone
rm -r gone
mkdir came
mv names/moved came/moved-here
mv folder-to-move came
cp many/entry-000 came/over
cp sizes/100001 came/covered
mv -f came/over came/covered
ln links/original came/linked
rm links/first
ln -sf ../grown links/replaced

# Targets that the kernel has no room for in blocks of 512 bytes, and of 1,024.
part=$(printf '%0200d' 0)
ln -s "../$part/$part" links/long 2> /dev/null || :
ln -s "/$part/$part/$part/$part/$part" links/longer 2> /dev/null || :
chmod 4711 modes/changed
