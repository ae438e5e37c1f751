/* Finds the file of an engine's program, also where Debian keeps games; it starts nothing. */
#include "program_path.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char games_folders[] = "/usr/games:/usr/local/games";

static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

bool program_path_is_unexecutable(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) != 0;
}

static bool find_in(const char *folders, const char *program, char *out)
{
    while (*folders) {
        size_t len = strcspn(folders, ":");
        int written = snprintf(out, PROGRAM_PATH_BYTES, "%.*s/%s", (int)len, folders, program);
        if (len > 0 && written > 0 && written < PROGRAM_PATH_BYTES && is_program(out))
            return true;
        folders += len;
        if (*folders == ':')
            folders++;
    }
    return false;
}

bool program_path_find(const char *program, const char *path_variable, char *out, char *looked)
{
    const char *path = path_variable ? path_variable : "";
    if (strchr(program, '/')) {
        int written = snprintf(out, PROGRAM_PATH_BYTES, "%s", program);
        if (written < PROGRAM_PATH_BYTES && is_program(out))
            return true;
        (void)snprintf(looked, PROGRAM_LOOKED_BYTES, "%s", program); /* cut is fine */
        return false;
    }
    if (find_in(path, program, out) || find_in(games_folders, program, out))
        return true;
    (void)snprintf(looked, PROGRAM_LOOKED_BYTES, "%s%s%s", path, *path ? ":" : "", games_folders);
    return false;
}

bool program_path_find_in(const char *folder, const char *program, const char *path_variable,
                          char *out, char *looked)
{
    char full[PROGRAM_PATH_BYTES];
    int written;
    if (program[0] == '/' || !strchr(program, '/'))
        return program_path_find(program, path_variable, out, looked);
    written = snprintf(full, sizeof(full), "%s/%s", folder, program);
    if (written > 0 && (size_t)written < sizeof(full))
        return program_path_find(full, path_variable, out, looked);
    (void)snprintf(looked, PROGRAM_LOOKED_BYTES, "%s, whose name is too long",
                   folder); /* cut is fine */
    return false;
}
