"""Programs that firmware boots, made here byte by byte: each says a line to QEMU's debug console and ends the machine.

No sources of others are needed, and no assembler: a program is a list of bytes and of references to its labels.
"""

import struct

SECTOR = 512
CONSOLE, END = 0xE9, 0xF4             # ports of isa-debugcon and isa-debug-exit
GOOD, BAD = 0x10, 0x11                # what is written to END: QEMU ends with twice that and one


def assemble(origin, *items):
    """Bytes; ("label", name); ("rel8", name) and ("rel32", name) from behind themselves; ("abs16", name[, more])."""
    sizes = {"label": 0, "rel8": 1, "rel32": 4, "abs16": 2}
    labels, at = {}, 0
    for item in items:
        if isinstance(item, tuple) and item[0] == "label":
            labels[item[1]] = at
        at += sizes[item[0]] if isinstance(item, tuple) else len(item)
    out = b""
    for item in items:
        if not isinstance(item, tuple):
            out += item
        elif item[0] == "rel8":
            out += struct.pack("<b", labels[item[1]] - len(out) - 1)
        elif item[0] == "rel32":
            out += struct.pack("<i", labels[item[1]] - len(out) - 4)
        elif item[0] == "abs16":
            out += struct.pack("<H", origin + labels[item[1]] + (item[2] if len(item) > 2 else 0))
    return out


def pc_program(message, check):
    """A boot program for PCs at 7C00h. `check` reads something and jumps to "bad" when it is not what it should be. Bytes 8 to
    63 are left free for a boot info table, and the drive is in DL."""
    return assemble(
        0x7C00,
        b"\xEB", ("rel8", "start"), bytes(62), ("label", "start"),
        b"\xFA\x31\xC0\x8E\xD8\x8E\xC0\x8E\xD0\xBC\x00\x7C\xFB\xFC",         # segments 0, the stack below
        b"\xEA", ("abs16", "here"), b"\x00\x00", ("label", "here"),         # wherever firmware jumped to
        *check,
        b"\xBE", ("abs16", "good message"), b"\xB3", bytes([GOOD]), b"\xEB", ("rel8", "say"),
        ("label", "bad"), b"\xBE", ("abs16", "bad message"), b"\xB3", bytes([BAD]),
        ("label", "say"), b"\xAC\x84\xC0\x74", ("rel8", "end"), b"\xE6", bytes([CONSOLE]), b"\xEB", ("rel8", "say"),
        ("label", "end"), b"\x88\xD8\xE6", bytes([END]), b"\xF4\xEB\xFD",
        ("label", "good message"), message.encode() + b"\n\0",
        ("label", "bad message"), b"bad: " + message.encode() + b"\n\0",
        ("label", "packet"), b"\x10\x00\x01\x00\x00\x80\x00\x00" + bytes(8),  # one sector to 8000h
        ("label", "wanted"), b"CD001")


def compare_with(place, address, length):
    """Whether so many bytes at `address` are those at the label."""
    return (b"\xBE" + struct.pack("<H", address), b"\xBF", ("abs16", place), b"\xB9" + struct.pack("<H", length),
            b"\xF3\xA6\x75", ("rel8", "bad"))


def loader(message, size=5000):
    """For a CD without emulation, loaded whole: its boot info table has the right checksum, and leads to the primary volume
    descriptor."""
    check = (b"\x66\x31\xDB\xBE\x40\x7C\x8B\x0E\x10\x7C\x83\xE9\x3D\xC1\xE9\x02",                   # words behind the table
             ("label", "add"), b"\x66\xAD\x66\x01\xC3\xE2", ("rel8", "add"), b"\x66\x3B\x1E\x14\x7C\x75", ("rel8", "bad"),
             b"\xA1\x08\x7C\xA3", ("abs16", "packet", 8), b"\xA1\x0A\x7C\xA3", ("abs16", "packet", 10),  # its block
             b"\xBE", ("abs16", "packet"), b"\xB4\x42\xCD\x13\x72", ("rel8", "bad"),                      # INT 13h, AH = 42h
             *compare_with("wanted", 0x8001, 5))
    program = pc_program(message, check)
    return program + bytes(i * 11 % 251 for i in range(size - len(program)))


def partition_table(message):
    """A boot program in the first sector of a hard disk, with one partition, which reads the volume descriptor at 32 KiB."""
    check = (b"\xC7\x06", ("abs16", "packet", 8), b"\x40\x00",                                              # sector 64
             b"\xBE", ("abs16", "packet"), b"\xB4\x42\xCD\x13\x72", ("rel8", "bad"),
             *compare_with("wanted", 0x8001, 5))
    program = pc_program(message, check)
    return program.ljust(446, b"\0") + struct.pack("<B3sB3sII", 0x80, b"\0\2\0", 0x17, b"\xFE\xFF\xFF", 1, 1000) + bytes(48) + b"\x55\xAA"


def floppy(message, size=1440 * 1024):
    """A floppy whose program reads the second sector from the drive that it was booted from."""
    check = (b"\xB8\x01\x02\xBB\x00\x80\xB9\x02\x00\xB6\x00\xCD\x13\x72", ("rel8", "bad"), *compare_with("wanted", 0x8000, 5))
    program = pc_program(message, check).ljust(510, b"\0") + b"\x55\xAA"
    return (program + b"CD001").ljust(size, b"\0")


def efi_program(message):
    """A PE32+ image for x86-64 with one section of code, which does not care where it is loaded."""
    code = assemble(
        0,
        b"\x48\x8D\x35", ("rel32", "message"), ("label", "say"), b"\xAC\x84\xC0\x74", ("rel8", "end"),
        b"\xE6", bytes([CONSOLE]), b"\xEB", ("rel8", "say"),
        ("label", "end"), b"\xB0", bytes([GOOD]), b"\xE6", bytes([END]), ("label", "halt"), b"\xF4\xEB", ("rel8", "halt"),
        ("label", "message"), message.encode() + b"\n\0").ljust(SECTOR, b"\0")
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 112 + 16 * 8, 0x0022)
    optional = struct.pack("<HBBIIIII", 0x20B, 0, 0, len(code), 0, 0, 4096, 4096)
    optional += struct.pack("<QIIHHHHHHIIIIHHQQQQII", 0x10000000, 4096, SECTOR, 0, 0, 0, 0, 0, 0, 0, 8192, SECTOR, 0, 10, 0,
                            4096, 4096, 4096, 4096, 0, 16) + bytes(16 * 8)
    section = struct.pack("<8sIIIIIIHHI", b".text", len(code), 4096, len(code), SECTOR, 0, 0, 0, 0, 0x60000020)
    return (dos + coff + optional + section).ljust(SECTOR, b"\0") + code


def fat_image(path, content, sectors=2000):
    """A FAT12 volume with one file, in folders: names in the old form of 8.3."""
    clusters_at, fat_sectors, root_entries = 1 + 2 * 6 + 4, 6, 64
    boot = b"\xEB\x3C\x90fsimage " + struct.pack("<HBHBHHBHHHII", SECTOR, 1, 1, 2, root_entries, sectors, 0xF8, fat_sectors, 63, 255, 0, 0)
    boot += b"\x80\0\x29" + b"FSIM" + b"BOOT       " + b"FAT12   "
    volume = bytearray(boot.ljust(510, b"\0") + b"\x55\xAA").ljust(sectors * SECTOR, b"\0")
    chains = {0: 0xFF8, 1: 0xFFF}

    def store(data):
        first, count = len(chains), max(1, -(-len(data) // SECTOR))
        for i in range(count):
            chains[first + i] = first + i + 1 if i + 1 < count else 0xFFF
        at = (clusters_at + first - 2) * SECTOR
        volume[at:at + len(data)] = data
        return first

    def entry(name, attributes, cluster, size=0):
        stem, _, extension = name.partition(".")
        text = (name.ljust(11) if name in (".", "..") else stem.ljust(8) + extension.ljust(3)).encode()
        return struct.pack("<11sB10xHHHI", text, attributes, 0, 0x5A21, cluster, size)

    *folders, name = path.strip("/").split("/")
    places = [store(bytes(SECTOR)) for _ in folders]
    record = entry(name, 0x20, store(content), len(content))
    for depth in reversed(range(len(folders))):
        here = entry(".", 0x10, places[depth]) + entry("..", 0x10, places[depth - 1] if depth else 0) + record
        at = (clusters_at + places[depth] - 2) * SECTOR
        volume[at:at + len(here)] = here
        record = entry(folders[depth], 0x10, places[depth])
    root_at = (1 + 2 * fat_sectors) * SECTOR
    volume[root_at:root_at + len(record)] = record
    fat = bytearray(fat_sectors * SECTOR)
    for cluster, value in chains.items():
        at = cluster * 3 // 2
        packed = struct.unpack_from("<H", fat, at)[0] | (value << 4 if cluster % 2 else value)
        struct.pack_into("<H", fat, at, packed)
    volume[SECTOR:root_at] = fat + fat
    return bytes(volume)


def efi_system_partition(message):
    return fat_image("EFI/BOOT/BOOTX64.EFI", efi_program(message))
