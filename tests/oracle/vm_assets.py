"""What the guest boots from: a Debian kernel, the modules for the mounts, busybox, and an initrd made of them."""

import glob
import os
import re
import shutil
import subprocess
import tarfile

from tools import ENVIRONMENT, Missing, tail

MODULES = ("virtio_pci", "virtio_blk", "isofs", "udf", "nls_utf8")


def folder(build_dir):
    """Where what is fetched stays."""
    path = os.path.join(build_dir, "vm")
    os.makedirs(path, exist_ok=True)
    return path


def assets(build_dir):
    """(kernel, [module files in the order of loading], busybox). Taken from this machine if it has them, else from Debian."""
    fetched = folder(build_dir)
    kernel, modules = installed_kernel() or downloaded_kernel(fetched)
    return kernel, in_order(modules), busybox(fetched)


def installed_kernel():
    for kernel in sorted(glob.glob("/boot/vmlinuz-*-amd64"), reverse=True):
        modules = f"/lib/modules/{os.path.basename(kernel).removeprefix('vmlinuz-')}/kernel"
        if os.path.exists(f"{modules}/fs/udf/udf.ko"):
            return kernel, index(modules)
    return None


def downloaded_kernel(folder):
    kernels = glob.glob(f"{folder}/boot/vmlinuz-*")
    if not kernels:
        depends = apt("apt-cache", "depends", "--important", "linux-image-amd64")
        match = re.search(r"Depends: (linux-image-\S+-amd64)", depends)
        if not match:
            raise Missing("no kernel in the package lists: apt-get update")
        unpack(download(match[1], folder), folder, lambda name: name.startswith("boot/vmlinuz") or
               re.search(r"kernel/(fs/(isofs|udf|nls)|lib|drivers/(cdrom|virtio|block)|drivers/scsi)/[^/]*\.ko$", name))
        kernels = glob.glob(f"{folder}/boot/vmlinuz-*")
    return kernels[0], index(glob.glob(f"{folder}/lib/modules/*/kernel")[0])


def apt(*command):
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"{' '.join(command)} failed, is `apt-get update` due? {tail(done.stderr)}")
    return done.stdout


def download(package, folder):
    done = subprocess.run(["apt-get", "download", "-q", package], env=ENVIRONMENT, cwd=folder, capture_output=True, text=True)
    found = glob.glob(os.path.join(folder, f"{package}_*.deb"))
    if done.returncode or not found:
        raise Missing(f"cannot download {package}, is `apt-get update` due? {tail(done.stderr)}")
    return found[0]


def unpack(package, folder, wanted):
    with subprocess.Popen(["dpkg", "--fsys-tarfile", package], stdout=subprocess.PIPE) as stream:
        with tarfile.open(fileobj=stream.stdout, mode="r|") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                if member.isfile() and wanted(name):
                    target = os.path.join(folder, name)
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    with open(target, "wb") as out:
                        shutil.copyfileobj(archive.extractfile(member), out)
                    os.chmod(target, 0o755)
    os.remove(package)


def busybox(folder):
    here = "/bin/busybox"
    if os.path.exists(here) and b"statically linked" in subprocess.run(["file", "-b", here], capture_output=True).stdout \
            if shutil.which("file") else os.path.exists(here) and not dynamic(here):
        return here
    fetched = os.path.join(folder, "bin", "busybox")
    if not os.path.exists(fetched):
        unpack(download("busybox-static", folder), folder, lambda name: name in ("bin/busybox", "usr/bin/busybox"))
    return fetched


def dynamic(program):
    with open(program, "rb") as file:
        return b"/ld-linux" in file.read(4096)


def index(folder):
    """{module name: file} of every module below a folder."""
    return {os.path.basename(path).partition(".ko")[0].replace("-", "_"): path for path in glob.glob(f"{folder}/**/*.ko", recursive=True)}


def in_order(modules):
    """The wanted modules, each after those that it names in its own `depends` line."""
    out = []

    def add(name):
        if name not in modules:
            raise Missing(f"the kernel package has no module {name}")
        with open(modules[name], "rb") as file:
            match = re.search(rb"\0depends=([^\0]*)\0", file.read())
        for needed in match[1].decode().split(",") if match and match[1] else ():
            add(needed.replace("-", "_"))
        if modules[name] not in out:
            out.append(modules[name])

    for name in MODULES:
        add(name)
    return out


def initrd(path, files):
    """A cpio archive in the "newc" form: {name: (mode, bytes)}; folders are made as needed."""
    folders = {"/".join(name.split("/")[:n]) for name in files for n in range(1, name.count("/") + 1)}
    entries = [(name, 0o40755, b"") for name in sorted(folders | {"proc", "sys", "dev", "mnt", "out"})]
    entries += [(name, 0o100000 | mode, data) for name, (mode, data) in files.items()]
    with open(path, "wb") as out:
        for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
            raw = name.encode() + b"\0"
            fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
            head = b"070701" + b"".join(b"%08X" % value for value in fields) + raw
            out.write(head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4))
