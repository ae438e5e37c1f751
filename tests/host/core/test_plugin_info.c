/* Tests of host/core/plugin_info.c. */
#include "tests/host/core/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/plugin_info.h"
#include "tests/host/core/elf_image.h"

#define INFO "id=gossip\0abi=0.1\0version=1.2.3\0"

/* The reason why an image is refused. */
static const char *why_not(const unsigned char *image, size_t size)
{
    static char why[PLUGIN_WHY_MAX];
    struct plugin_info info = {.abi_major = 77};

    why[0] = '\0';
    assert_int_equal(plugin_info_read(image, size, &info, why), RH_EINVAL);
    assert_int_equal(info.abi_major, 77);
    return why;
}

static const char *why_not_info(const char *info, size_t bytes)
{
    unsigned char image[IMAGE_BYTES];

    image_make(image, info, bytes);
    return why_not(image, sizeof image);
}

static void a_plugin_says_id_abi_and_version(void **state)
{
    unsigned char image[IMAGE_BYTES];
    struct plugin_info info;
    char why[PLUGIN_WHY_MAX];

    (void)state;
    image_make(image, INFO, sizeof INFO);
    assert_int_equal(plugin_info_read(image, sizeof image, &info, why), RH_OK);
    assert_string_equal(info.id, "gossip");
    assert_string_equal(info.version, "1.2.3");
    assert_int_equal(info.abi_major, 0);
    assert_int_equal(info.abi_minor, 1);
}

static void order_and_unknown_keys_do_not_matter(void **state)
{
    static const char text[] = "version=2\0colour=red\0abi=7.40\0id=org.my-site.x\0";
    unsigned char image[IMAGE_BYTES];
    struct plugin_info info;
    char why[PLUGIN_WHY_MAX];

    (void)state;
    image_make(image, text, sizeof text);
    image_put(image, 18, 183, 2);
    assert_int_equal(plugin_info_read(image, sizeof image, &info, why), RH_OK);
    assert_string_equal(info.id, "org.my-site.x");
    assert_int_equal(info.abi_minor, 40);
}

static void other_files_are_no_shared_objects(void **state)
{
    unsigned char image[IMAGE_BYTES];

    (void)state;
    assert_string_equal(why_not((const unsigned char *)"", 0), "not an ELF shared object");
    assert_string_equal(why_not((const unsigned char *)"#!/bin/sh\n", 10),
                        "not an ELF shared object");
    image_make(image, INFO, sizeof INFO);
    assert_string_equal(why_not(image, 63), "not an ELF shared object");
    image[4] = 1;
    assert_string_equal(why_not(image, sizeof image),
                        "not a 64-bit little-endian ELF shared object");
    image[4] = 2;
    image_put(image, 16, 1, 2);
    assert_string_equal(why_not(image, sizeof image), "an ELF file, but not a shared object");
    image_put(image, 16, 3, 2);
    image_put(image, 18, 40, 2);
    assert_non_null(strstr(why_not(image, sizeof image), "ELF machine 40"));
}

static void other_libraries_are_no_plugins(void **state)
{
    unsigned char image[IMAGE_BYTES];

    (void)state;
    image_make(image, INFO, sizeof INFO);
    image[IMAGE_NAMES_AT + 12] = 'x';
    assert_string_equal(why_not(image, sizeof image), "no .rh.info section: not a ringhost plugin");
    image_put(image, 60, 0, 2);
    assert_string_equal(why_not(image, sizeof image), "no .rh.info section: not a ringhost plugin");
}

static void offsets_outside_the_file_are_refused(void **state)
{
    static const uint64_t bad[] = {IMAGE_BYTES + 1, UINT64_MAX, UINT64_MAX - 63, INT64_MAX};
    unsigned char image[IMAGE_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        image_make(image, INFO, sizeof INFO);
        image_put(image, 40, bad[i], 8);
        assert_non_null(strstr(why_not(image, sizeof image), "section table"));
        image_make(image, INFO, sizeof INFO);
        image_section(image, 1, 1, 3, bad[i], 19);
        assert_non_null(strstr(why_not(image, sizeof image), "section names"));
        image_make(image, INFO, sizeof INFO);
        image_section(image, 2, 11, 1, bad[i], sizeof INFO);
        assert_non_null(strstr(why_not(image, sizeof image), ".rh.info is not inside"));
        image_section(image, 2, 11, 1, IMAGE_INFO_AT, bad[i]);
        assert_non_null(strstr(why_not(image, sizeof image), ".rh.info is not inside"));
    }
}

static void broken_section_tables_are_refused(void **state)
{
    unsigned char image[IMAGE_BYTES];

    (void)state;
    image_make(image, INFO, sizeof INFO);
    image_put(image, 62, 3, 2);
    assert_non_null(strstr(why_not(image, sizeof image), "section table"));
    image_make(image, INFO, sizeof INFO);
    image_put(image, 58, 40, 2);
    assert_non_null(strstr(why_not(image, sizeof image), "section table"));
    image_make(image, INFO, sizeof INFO);
    image_section(image, 2, 11, 8, IMAGE_INFO_AT, sizeof INFO);
    assert_non_null(strstr(why_not(image, sizeof image), ".rh.info is not inside"));
}

static void every_shortened_file_is_refused(void **state)
{
    unsigned char image[IMAGE_BYTES];

    (void)state;
    image_make(image, INFO, sizeof INFO);
    for (size_t size = 0; size < IMAGE_INFO_AT + sizeof INFO; size++) {
        /* A block of exactly that size, so that the sanitizer sees any read behind it. */
        unsigned char *part = malloc(size + 1);

        assert_non_null(part);
        memcpy(part + 1, image, size);
        assert_true(why_not(part + 1, size)[0] != '\0');
        free(part);
    }
}

static void entries_must_be_complete_and_single(void **state)
{
#define WHY(text) why_not_info(text, sizeof(text) - 1)
    (void)state;
    assert_string_equal(WHY("id=a\0abi=0.1\0"), ".rh.info must name id=, abi= and version=");
    assert_string_equal(WHY(""), ".rh.info must name id=, abi= and version=");
    assert_non_null(strstr(WHY("id=a\0id=b\0abi=0.1\0version=1\0"), "twice"));
    assert_non_null(strstr(WHY("id=a\0abi=0.1\0version=1"), "no end"));
}

static void wrong_values_are_named(void **state)
{
    (void)state;
    assert_string_equal(WHY("id=A\0abi=0.1\0version=1\0"), ".rh.info: id= is not a plugin id");
    assert_string_equal(WHY("id=a\0abi=0\0version=1\0"), ".rh.info: abi= is not MAJOR.MINOR");
    assert_string_equal(WHY("id=a\0abi=0.4294967296\0version=1\0"),
                        ".rh.info: abi= is not MAJOR.MINOR");
    assert_string_equal(WHY("id=a\0abi=0.1.2\0version=1\0"), ".rh.info: abi= is not MAJOR.MINOR");
    assert_string_equal(WHY("id=a\0abi=.1\0version=1\0"), ".rh.info: abi= is not MAJOR.MINOR");
    assert_string_equal(WHY("id=a\0abi=0.1\0version=1 2\0"), ".rh.info: version= is not a version");
}

static void too_long_sections_are_refused(void **state)
{
    unsigned char *image = calloc(1, 8192);

    (void)state;
    assert_non_null(image);
    image_make(image, INFO, sizeof INFO);
    image_section(image, 2, 11, 1, IMAGE_INFO_AT, PLUGIN_INFO_SECTION_MAX + 1);
    assert_non_null(strstr(why_not(image, 8192), "too long"));
    free(image);
}

static void another_major_says_which_side_to_upgrade(void **state)
{
    struct plugin_info info = {.id = "gossip", .abi_major = 1, .abi_minor = 0};
    char why[PLUGIN_WHY_MAX];

    (void)state;
    assert_int_equal(plugin_info_check(&info, why), RH_EUNSUPPORTED);
    assert_string_equal(why, "plugin gossip was built for plugin ABI 1.0, this host has 0.1: "
                             "upgrade the host");
}

static void another_minor_is_accepted(void **state)
{
    struct plugin_info info = {.id = "gossip", .abi_major = 0, .abi_minor = 9};
    char why[PLUGIN_WHY_MAX];

    (void)state;
    assert_int_equal(plugin_info_check(&info, why), RH_OK);
}

static void plugin_ids_are_words_or_reverse_domains(void **state)
{
    static const char *const good[] = {
        "a", "gossip", "loop_job_reaper", "a9", "org.example.metrics", "org.1und1.my-x"};
    static const char *const bad[] = {"",     "A",    "9a",   "_a",  "a-b", "a.",       ".a",
                                      "a..b", "a._b", "a.-b", "a b", "a/b", "a\xc3\xa4"};
    char longest[PLUGIN_ID_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(plugin_id_is_valid(rh_str_from(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(plugin_id_is_valid(rh_str_from(bad[i])));
    memset(longest, 'a', sizeof longest);
    assert_true(plugin_id_is_valid((struct rh_str){longest, PLUGIN_ID_MAX}));
    assert_false(plugin_id_is_valid((struct rh_str){longest, PLUGIN_ID_MAX + 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_says_id_abi_and_version),
        cmocka_unit_test(order_and_unknown_keys_do_not_matter),
        cmocka_unit_test(other_files_are_no_shared_objects),
        cmocka_unit_test(other_libraries_are_no_plugins),
        cmocka_unit_test(offsets_outside_the_file_are_refused),
        cmocka_unit_test(broken_section_tables_are_refused),
        cmocka_unit_test(every_shortened_file_is_refused),
        cmocka_unit_test(entries_must_be_complete_and_single),
        cmocka_unit_test(wrong_values_are_named),
        cmocka_unit_test(too_long_sections_are_refused),
        cmocka_unit_test(another_major_says_which_side_to_upgrade),
        cmocka_unit_test(another_minor_is_accepted),
        cmocka_unit_test(plugin_ids_are_words_or_reverse_domains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
