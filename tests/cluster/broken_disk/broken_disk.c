/*
 * broken_disk.so, loaded into a node by LD_PRELOAD: the system calls by which SQLite reaches its
 * files, which fail with EIO as long as the test wants it. RINGHOST_BROKEN_DISK names a file; the
 * words in it ("read", "write", "sync") are what fails. Only databases and what lies beside them
 * (*.db-wal) are concerned.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { WORDS_SIZE = 64, PATH_SIZE = 4096 };

/* Whether the words of the test hold this one. Asked again at each call: a broken disk may be
 * mended. */
static bool is_broken(const char *what)
{
    const char *path = getenv("RINGHOST_BROKEN_DISK");
    char words[WORDS_SIZE] = "";
    FILE *file = path ? fopen(path, "re") : NULL;

    if (!file)
        return false;
    if (!fgets(words, sizeof(words), file))
        words[0] = '\0';
    (void)fclose(file);
    return strstr(words, what) != NULL;
}

static bool is_state(int fd)
{
    char link[64];
    char path[PATH_SIZE];
    ssize_t length;

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path) - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    return strstr(path, ".db") != NULL;
}

static bool fails(int fd, const char *what)
{
    const int saved = errno;
    const bool failed = is_broken(what) && is_state(fd);

    errno = failed ? EIO : saved;
    return failed;
}

/* What libc does, found before main() begins. */
static struct {
    ssize_t (*read)(int fd, void *buffer, size_t size, off64_t offset);
    ssize_t (*write)(int fd, const void *buffer, size_t size, off64_t offset);
    int (*sync)(int fd);
} libc;

/* dlsym gives an object pointer, which C does not convert to a function's; hence the copy. */
static void find(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, (const void *)&found, sizeof(found));
}

__attribute__((constructor)) static void find_all(void)
{
    find("pread64", (void *)&libc.read);
    find("pwrite64", (void *)&libc.write);
    find("fdatasync", (void *)&libc.sync);
}

ssize_t pread64(int fd, void *buf, size_t nbytes, off64_t offset)
{
    return fails(fd, "read") ? -1 : libc.read(fd, buf, nbytes, offset);
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
    return fails(fd, "write") ? -1 : libc.write(fd, buf, n, offset);
}

int fdatasync(int fildes)
{
    return fails(fildes, "sync") ? -1 : libc.sync(fildes);
}
