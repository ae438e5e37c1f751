/* For tests that need a folder: a fresh one, removed with all that is in it. No test. */
#ifndef RH_TESTS_HOST_DAEMON_RIG_DIR_H
#define RH_TESTS_HOST_DAEMON_RIG_DIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int rig_dir_remove_one(const char *path, const struct stat *info, int kind,
                              struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

/* Fills path with a new folder's name. */
static void rig_dir_make(char path[64])
{
    (void)snprintf(path, 64, "/tmp/ringhost-test-XXXXXX");
    assert_non_null(mkdtemp(path));
}

static void rig_dir_remove(const char *path)
{
    assert_int_equal(nftw(path, rig_dir_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
