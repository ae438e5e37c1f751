/* Reads configuration directories into memory; which files count and what they mean is the core's
 * business. */
#include "host/daemon/conf_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int32_t say(char *why, int32_t rc, const char *path, const char *problem)
{
    (void)snprintf(why, CONF_READ_WHY_MAX, "%s: %s", path, problem); /* cut at the limit */
    return rc;
}

/* Reads up to `room` bytes until the end of the file. Returns how many, or -1 with errno set. */
static ssize_t read_fully(int fd, char *dst, size_t room)
{
    size_t used = 0;
    while (used < room) {
        ssize_t n = read(fd, dst + used, room - used);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        used += (size_t)n;
    }
    return (ssize_t)used;
}

static int32_t read_open(int fd, const char *path, struct rh_str *out, char *why)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return say(why, RH_EIO, path, strerror(errno));
    }
    if (S_ISCHR(info.st_mode)) {
        return RH_OK; /* /dev/null: the empty text */
    }
    if (!S_ISREG(info.st_mode)) {
        return say(why, RH_EIO, path, "not a regular file");
    }
    if (info.st_size > (off_t)CONF_READ_BYTES_MAX) {
        return say(why, RH_ETOOLARGE, path, "larger than 4 MiB");
    }
    size_t room = (size_t)info.st_size;
    char *text = malloc(room + 1);
    if (text == NULL) {
        return say(why, RH_ENOMEM, path, "out of memory");
    }
    ssize_t n = read_fully(fd, text, room);
    if (n < 0) {
        int32_t rc = say(why, RH_EIO, path, strerror(errno));
        free(text);
        return rc;
    }
    text[n] = 0;
    *out = (struct rh_str){text, (size_t)n};
    return RH_OK;
}

static int32_t read_text(const char *path, struct rh_str *out, char *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return say(why, RH_EIO, path, strerror(errno));
    }
    int32_t rc = read_open(fd, path, out, why);
    (void)close(fd); /* nothing was written */
    return rc;
}

static void file_release(struct config_file *file)
{
    free((char *)(uintptr_t)file->path);
    free((char *)(uintptr_t)file->name);
    free((char *)(uintptr_t)file->text.p);
}

static int32_t append(struct conf_read *read, const struct config_file *file)
{
    if (read->count == read->room) {
        uint32_t room = read->room == 0 ? 16 : read->room * 2;
        struct config_file *files = realloc(read->files, room * sizeof(*files));
        if (files == NULL) {
            return RH_ENOMEM;
        }
        read->files = files;
        read->room = room;
    }
    read->files[read->count++] = *file;
    return RH_OK;
}

static int32_t add_entry(struct conf_read *read, const char *directory, const char *name,
                         uint32_t rank, char *why)
{
    struct config_file file = {.rank = rank, .name = strdup(name)};
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    int32_t rc = RH_OK;
    file.path = path;
    if (path == NULL || file.name == NULL) {
        rc = say(why, RH_ENOMEM, name, "out of memory");
        goto out;
    }
    size_t length = strlen(directory);
    int has_slash = length > 0 && directory[length - 1] == '/';
    (void)snprintf(path, size, "%s%s%s", directory, has_slash ? "" : "/",
                   name); /* fits by its size */
    if (config_files_counts(name)) {
        rc = read_text(path, &file.text, why);
    }
    if (rc == RH_OK) {
        rc = append(read, &file);
    }
out:
    if (rc != RH_OK) {
        file_release(&file);
    }
    return rc;
}

static int compare_names(const void *left, const void *right)
{
    const struct config_file *a = left;
    const struct config_file *b = right;
    return strcmp(a->name, b->name);
}

int32_t conf_read_directory(struct conf_read *read, const char *directory, uint32_t rank, char *why)
{
    uint32_t before = read->count;
    int32_t rc = RH_OK;
    DIR *dir = opendir(directory);
    if (dir == NULL) {
        return say(why, errno == ENOENT ? RH_ENOTFOUND : RH_EIO, directory, strerror(errno));
    }
    while (rc == RH_OK) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            rc = errno == 0 ? RH_OK : say(why, RH_EIO, directory, strerror(errno));
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (read->count - before == CONF_READ_ENTRIES_MAX) {
            rc = say(why, RH_ETOOLARGE, directory, "more than 256 entries");
            break;
        }
        rc = add_entry(read, directory, entry->d_name, rank, why);
    }
    (void)closedir(dir); /* nothing was written */
    if (read->count > before) {
        qsort(read->files + before, read->count - before, sizeof(*read->files), compare_names);
    }
    return rc;
}

int32_t conf_read_all(struct conf_read *read, const char *directory, char *why)
{
    if (directory != NULL) {
        return conf_read_directory(read, directory, 0, why);
    }
    int32_t vendor = conf_read_directory(read, CONF_READ_VENDOR_DIR, 0, why);
    if (vendor != RH_OK && vendor != RH_ENOTFOUND) {
        return vendor;
    }
    int32_t system = conf_read_directory(read, CONF_READ_SYSTEM_DIR, 1, why);
    return system == RH_ENOTFOUND && vendor == RH_OK ? RH_OK : system;
}

void conf_read_release(struct conf_read *read)
{
    for (uint32_t i = 0; i < read->count; i++) {
        file_release(&read->files[i]);
    }
    free(read->files);
    *read = (struct conf_read){NULL, 0, 0};
}
