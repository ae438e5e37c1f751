/* Folders on the real disk, where a simulated node's SQLite lives. Flat: files only. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/sim/sim.h"

int32_t sim_dir_make(char path[SIM_PATH_MAX])
{
    const char *base = getenv("TMPDIR");
    int n = snprintf(path, SIM_PATH_MAX, "%s/ringhost-test-XXXXXX", base ? base : "/tmp");

    if (n < 0 || n >= (int)SIM_PATH_MAX || !mkdtemp(path))
        return RH_EIO;
    return RH_OK;
}

/* Call each(from path, name) for every file of a folder. */
static void each_file(const char *path,
                      void (*each)(const char *file, const char *name, void *user), void *user)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL) {
        char file[SIM_PATH_MAX + 260];

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", path,
                       entry->d_name); /* there is room for any name */
        each(file, entry->d_name, user);
    }
    if (dir)
        (void)closedir(dir); /* was only read */
}

static void remove_one(const char *file, const char *name, void *user)
{
    (void)name;
    (void)user;
    (void)unlink(file); /* a leftover in the temporary folder harms nobody */
}

void sim_dir_remove(const char *path)
{
    each_file(path, remove_one, NULL);
    (void)rmdir(path); /* likewise */
}

static void remove_folder(const char *file, const char *name, void *user)
{
    (void)name;
    (void)user;
    sim_dir_remove(file);
}

void sim_dir_remove_all(const char *path)
{
    each_file(path, remove_folder, NULL);
    (void)rmdir(path); /* likewise */
}

static void copy_one(const char *file, const char *name, void *user)
{
    char to[SIM_PATH_MAX + 260];
    char block[65536];
    FILE *in = fopen(file, "rb");
    FILE *out;
    size_t n;

    (void)snprintf(to, sizeof to, "%s/%s", (const char *)user, name); /* there is room */
    out = fopen(to, "wb");
    if (!in || !out)
        abort(); /* a test without a disk has nothing left to test */
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        if (fwrite(block, 1, n, out) != n)
            abort(); /* likewise */
    if (fclose(out) != 0)
        abort();      /* likewise */
    (void)fclose(in); /* was only read */
}

int32_t sim_dir_copy(const char *from, char to[SIM_PATH_MAX])
{
    int32_t rc = sim_dir_make(to);

    if (rc == RH_OK)
        each_file(from, copy_one, to);
    return rc;
}
