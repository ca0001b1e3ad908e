/* Lists a UDF volume as libudfread sees it, and hands out the contents.
 *
 *     udfread_list [-c BYTES] [-w OFFSET:LENGTH]... [-e COUNT:STEP] IMAGE
 *
 * One line an entry: its type (D or F), its size, how many bytes of content follow the line, its path. In the path,
 * backslash, space and control characters are written as backslash and three octal digits.
 * -c: the content of every file of at most BYTES bytes follows its line. -w: of larger files, these parts of the content.
 * -e: behind the first COUNT entries of a folder, only every STEP-th file is opened; the others have "-" for a size. libudfread
 * finds a file by going through its folder, which takes time with the square of the entries.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <udfread/udfread.h>

enum { kMaxDepth = 1000, kMaxWindows = 1024, kBuffer = 1 << 20 };

struct window {
  uint64_t offset, length;
};

static struct window windows[kMaxWindows];
static size_t window_count;
static uint64_t content_limit;
static int want_content;
static uint64_t all_up_to = UINT64_MAX, then_each = 1;
static char* buffer;

static void fail(const char* what, const char* path) {
  fflush(stdout);
  fprintf(stderr, "udfread_list: %s: %s\n", path, what);
  exit(1);
}

static void put_path(const char* path) {
  for (const unsigned char* c = (const unsigned char*)path; *c; ++c) {
    if (*c <= ' ' || *c == '\\' || *c == 0x7f) {
      printf("\\%03o", *c);
    } else {
      putchar(*c);
    }
  }
  putchar('\n');
}

static void put_content(UDFFILE* file, uint64_t offset, uint64_t length, const char* path) {
  if (udfread_file_seek(file, (int64_t)offset, UDF_SEEK_SET) != (int64_t)offset) fail("cannot seek", path);
  while (length > 0) {
    const size_t part = length < kBuffer ? (size_t)length : kBuffer;
    const int64_t got = udfread_file_read(file, buffer, part);
    if (got <= 0) fail("cannot read", path);
    if (fwrite(buffer, 1, (size_t)got, stdout) != (size_t)got) fail("cannot write", path);
    length -= (uint64_t)got;
  }
}

/* The part of a window that lies inside a file of the given size. */
static uint64_t clipped(const struct window* w, uint64_t size) {
  if (w->offset >= size) return 0;
  return w->length < size - w->offset ? w->length : size - w->offset;
}

static void list_file(UDFDIR* dir, const char* name, const char* path) {
  UDFFILE* file = udfread_file_openat(dir, name);
  if (!file) fail("cannot open", path);
  const int64_t signed_size = udfread_file_size(file);
  if (signed_size < 0) fail("no size", path);
  const uint64_t size = (uint64_t)signed_size;
  const int whole = want_content && size <= content_limit;
  uint64_t follows = whole ? size : 0;
  if (want_content && !whole) {
    for (size_t i = 0; i < window_count; ++i) follows += clipped(&windows[i], size);
  }
  printf("F %" PRIu64 " %" PRIu64 " ", size, follows);
  put_path(path);
  if (whole) {
    if (size > 0) put_content(file, 0, size, path);
  } else if (follows > 0) {
    for (size_t i = 0; i < window_count; ++i) {
      const uint64_t part = clipped(&windows[i], size);
      if (part > 0) put_content(file, windows[i].offset, part, path);
    }
  }
  udfread_file_close(file);
}

static void list_folder(UDFDIR* dir, const char* path, int depth) {
  if (!dir) fail("cannot open the folder", path);
  if (depth > kMaxDepth) fail("too deep", path);
  struct udfread_dirent entry;
  for (uint64_t number = 0; udfread_readdir(dir, &entry); ++number) {
    if (strcmp(entry.d_name, ".") == 0 || strcmp(entry.d_name, "..") == 0) continue;
    const size_t length = strlen(path) + strlen(entry.d_name) + 2;
    char* below = malloc(length);
    if (!below) fail("out of memory", path);
    snprintf(below, length, "%s%s%s", path, *path ? "/" : "", entry.d_name);
    if (entry.d_type == UDF_DT_DIR) {
      fputs("D 0 0 ", stdout);
      put_path(below);
      UDFDIR* child = udfread_opendir_at(dir, entry.d_name);
      list_folder(child, below, depth + 1);
      udfread_closedir(child);
    } else if (number >= all_up_to && number % then_each != 0) {
      fputs("F - 0 ", stdout);
      put_path(below);
    } else {
      list_file(dir, entry.d_name, below);
    }
    free(below);
  }
}

static int usage(void) {
  fputs("usage: udfread_list [-c BYTES] [-w OFFSET:LENGTH]... [-e COUNT:STEP] IMAGE\n", stderr);
  return 2;
}

int main(int argc, char** argv) {
  int at = 1;
  for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
    if (strcmp(argv[at], "-c") == 0) {
      content_limit = strtoull(argv[at + 1], NULL, 10);
      want_content = 1;
    } else if (strcmp(argv[at], "-w") == 0 && window_count < kMaxWindows) {
      struct window* w = &windows[window_count++];
      if (sscanf(argv[at + 1], "%" SCNu64 ":%" SCNu64, &w->offset, &w->length) != 2) return usage();
    } else if (strcmp(argv[at], "-e") == 0) {
      if (sscanf(argv[at + 1], "%" SCNu64 ":%" SCNu64, &all_up_to, &then_each) != 2 || then_each == 0) return usage();
    } else {
      return usage();
    }
  }
  if (at + 1 != argc) return usage();
  buffer = malloc(kBuffer);
  udfread* volume = udfread_init();
  if (!buffer || !volume) fail("out of memory", argv[at]);
  if (udfread_open(volume, argv[at]) < 0) fail("no UDF volume", argv[at]);
  UDFDIR* root = udfread_opendir(volume, "/");
  list_folder(root, "", 0);
  udfread_closedir(root);
  udfread_close(volume);
  free(buffer);
  if (fflush(stdout) != 0) fail("cannot write", argv[at]);
  return 0;
}
