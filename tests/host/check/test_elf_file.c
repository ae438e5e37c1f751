/* Tests of host/check/elf_file.c on a real shared object and on damaged copies of it. */
#include "tests/host/core/cmocka_all.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/check/elf_file.h"
#include "host/check/read_file.h"

struct image {
    unsigned char *bytes;
    size_t size;
};

static int setup(void **state)
{
    static struct image image;
    char why[256];
    void *bytes = NULL;

    if (read_file(CHECK_FIXTURES "/good.so", 1u << 20, &bytes, &image.size, why, sizeof why) !=
        RH_OK)
        fail_msg("%s", why);
    image.bytes = bytes;
    *state = &image;
    return 0;
}

static int teardown(void **state)
{
    free(((struct image *)*state)->bytes);
    return 0;
}

static void expect_refused(const struct image *image, const char *part)
{
    struct elf_file file;
    char why[ELF_WHY_MAX] = "";

    assert_int_equal(elf_open(image->bytes, image->size, &file, why), RH_EINVAL);
    if (!strstr(why, part))
        fail_msg("\"%s\" does not say \"%s\"", why, part);
}

static void the_tables_of_a_shared_object_are_read(void **state)
{
    const struct image *image = *state;
    struct elf_file file;
    struct elf_symbol symbol;
    struct elf_section section;
    struct elf_dynamic entry;
    char why[ELF_WHY_MAX];
    uint32_t found = 0;

    assert_int_equal(elf_open(image->bytes, image->size, &file, why), RH_OK);

    for (uint32_t i = 0; elf_symbol_at(&file, i, &symbol); i++) {
        if (strcmp(symbol.name, "rh_plugin_entry_v1") == 0 && !symbol.is_undefined)
            found |= 1;
        if (strcmp(symbol.name, "strdup") == 0 && symbol.is_undefined)
            found |= 2;
    }
    for (uint32_t i = 0; elf_section_at(&file, i, &section); i++)
        if (strcmp(section.name, ".rh.info") == 0 && section.bytes > 0)
            found |= 4;
    for (uint32_t i = 0; elf_dynamic_at(&file, i, &entry); i++)
        if (entry.tag == DT_NEEDED && strcmp(elf_string(&file, entry.value), "libc.so.6") == 0)
            found |= 8;
    assert_int_equal(found, 15);
    assert_false(file.has_load_time_code);
}

static void rows_past_the_end_are_absent(void **state)
{
    const struct image *image = *state;
    struct elf_file file;
    struct elf_symbol symbol;
    struct elf_section section;
    struct elf_segment segment;
    struct elf_dynamic entry;
    uint64_t value;
    char why[ELF_WHY_MAX];

    assert_int_equal(elf_open(image->bytes, image->size, &file, why), RH_OK);

    assert_false(elf_symbol_at(&file, UINT32_MAX, &symbol));
    assert_false(elf_section_at(&file, UINT32_MAX, &section));
    assert_false(elf_segment_at(&file, UINT32_MAX, &segment));
    assert_false(elf_dynamic_at(&file, UINT32_MAX, &entry));
    assert_null(elf_string(&file, UINT64_MAX));
    assert_false(elf_dynamic_find(&file, DT_AUDIT, &value));
}

static void another_class_type_or_processor_is_refused(void **state)
{
    const struct image *image = *state;

    image->bytes[EI_CLASS] = ELFCLASS32;
    expect_refused(image, "not a 64-bit");
    image->bytes[EI_CLASS] = ELFCLASS64;
    image->bytes[16] = ET_EXEC;
    expect_refused(image, "not a shared object");
    image->bytes[16] = ET_DYN;
    image->bytes[18] = EM_RISCV;
    expect_refused(image, "another processor");
}

static void a_file_without_sections_is_refused(void **state)
{
    const struct image *image = *state;

    image->bytes[60] = 0;
    image->bytes[61] = 0;
    expect_refused(image, "section table");
}

static void program_headers_outside_the_file_are_refused(void **state)
{
    const struct image *image = *state;

    memset(image->bytes + 32, 0xff, 8);
    expect_refused(image, "program headers");
}

/* Clears the type of the segment, as if it were not there. */
static void a_file_without_a_dynamic_section_is_refused(void **state)
{
    const struct image *image = *state;
    struct elf_file file;
    struct elf_segment segment;
    char why[ELF_WHY_MAX];

    assert_int_equal(elf_open(image->bytes, image->size, &file, why), RH_OK);
    for (uint32_t i = 0; elf_segment_at(&file, i, &segment); i++)
        if (segment.type == PT_DYNAMIC)
            memset(image->bytes + 64 + (size_t)i * 56, 0, 4);
    expect_refused(image, "no dynamic section");
}

/* Where the value of a dynamic entry stands in the file. */
static unsigned char *value_of(const struct image *image, int64_t tag)
{
    struct elf_file file;
    struct elf_dynamic entry;
    char why[ELF_WHY_MAX];

    assert_int_equal(elf_open(image->bytes, image->size, &file, why), RH_OK);
    for (uint32_t i = 0; elf_dynamic_at(&file, i, &entry); i++)
        if (entry.tag == tag)
            return image->bytes + (file.dynamic.p - image->bytes) + (size_t)i * 16 + 8;
    fail_msg("no entry with tag %d", (int)tag);
    return NULL;
}

static void a_symbol_table_unknown_to_the_sections_is_refused(void **state)
{
    const struct image *image = *state;

    value_of(image, DT_SYMTAB)[0] ^= 8;
    expect_refused(image, "does not know its dynamic symbols");
}

static void a_string_table_outside_the_file_is_refused(void **state)
{
    const struct image *image = *state;

    value_of(image, DT_STRSZ)[5] = 1;
    expect_refused(image, "dynamic strings");
}

static void a_string_table_without_the_names_is_refused(void **state)
{
    const struct image *image = *state;
    unsigned char *bytes = value_of(image, DT_STRSZ);

    memset(bytes, 0, 8);
    bytes[0] = 1;
    expect_refused(image, "symbol's name");
}

static void a_relocation_that_names_no_symbol_is_refused(void **state)
{
    const struct image *image = *state;
    struct elf_file file;
    uint64_t at = 0;
    struct elf_segment segment;
    char why[ELF_WHY_MAX];

    assert_int_equal(elf_open(image->bytes, image->size, &file, why), RH_OK);
    assert_true(elf_dynamic_find(&file, DT_RELA, &at));
    for (uint32_t i = 0; elf_segment_at(&file, i, &segment); i++)
        if (segment.type == PT_LOAD && at - segment.address < segment.file_bytes)
            memset(image->bytes + segment.offset + (at - segment.address) + 12, 0xff, 4);
    expect_refused(image, "relocations");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(the_tables_of_a_shared_object_are_read),
        CLAIM(rows_past_the_end_are_absent),
        CLAIM(another_class_type_or_processor_is_refused),
        CLAIM(a_file_without_sections_is_refused),
        CLAIM(program_headers_outside_the_file_are_refused),
        CLAIM(a_file_without_a_dynamic_section_is_refused),
        CLAIM(a_symbol_table_unknown_to_the_sections_is_refused),
        CLAIM(a_string_table_outside_the_file_is_refused),
        CLAIM(a_string_table_without_the_names_is_refused),
        CLAIM(a_relocation_that_names_no_symbol_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
