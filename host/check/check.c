/* The static rules of ringhost-check; see check.h. */
#include "host/check/check.h"

#include <assert.h>
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/check/elf_file.h"
#include "host/check/imports.h"
#include "host/core/plugin_info.h"

#define ENTRY      "rh_plugin_entry_v1"
#define PAGE_BYTES UINT64_C(4096) /* the loader protects whole pages */

/* Names for a detail, "a, b and 3 more". */
struct names {
    char text[CHECK_DETAIL_MAX / 2];
    uint32_t count;
    uint32_t left_out;
};

static void names_add(struct names *names, const char *name)
{
    size_t n = strlen(names->text);
    int rc = snprintf(names->text + n, sizeof names->text - n, "%s%s", n ? ", " : "", name);

    names->count++;
    if (rc < 0 || (size_t)rc >= sizeof names->text - n) {
        names->text[n] = '\0';
        names->left_out++;
    }
}

void check_add(struct check_report *report, const char *rule, uint32_t verdict, const char *format,
               ...)
{
    struct check_line *line = &report->lines[report->count];
    va_list args;

    assert(report->count < CHECK_LINES_MAX);
    line->rule = rule;
    line->verdict = verdict;
    va_start(args, format);
    (void)vsnprintf(line->detail, sizeof line->detail, format, args); /* cut, as the header says */
    va_end(args);
    report->count++;
}

uint32_t check_count(const struct check_report *report, uint32_t verdict)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < report->count; i++)
        count += report->lines[i].verdict == verdict ? 1 : 0;
    return count;
}

/* Adds FAIL with the names, or ok. */
static void add_names(struct check_report *report, const char *rule, const struct names *names,
                      const char *bad, const char *good)
{
    if (names->count == 0)
        check_add(report, rule, CHECK_OK, "%s", good);
    else if (names->left_out == 0)
        check_add(report, rule, CHECK_FAIL, "%s: %s", bad, names->text);
    else
        check_add(report, rule, CHECK_FAIL, "%s: %s and %" PRIu32 " more", bad, names->text,
                  names->left_out);
}

static void judge_info(const struct elf_file *file, struct check_report *report)
{
    struct plugin_info info;
    char why[PLUGIN_WHY_MAX];

    if (plugin_info_read(file->bytes.p, (size_t)file->bytes.n, &info, why) != RH_OK ||
        plugin_info_check(&info, why) != RH_OK)
        check_add(report, "info", CHECK_FAIL, "%s", why);
    else
        check_add(report, "info", CHECK_OK, "plugin %s %s for ABI %" PRIu32 ".%" PRIu32, info.id,
                  info.version, info.abi_major, info.abi_minor);
}

static bool is_exported(const struct elf_symbol *symbol)
{
    return !symbol->is_undefined && symbol->bind != STB_LOCAL && symbol->visibility != STV_HIDDEN &&
           symbol->visibility != STV_INTERNAL;
}

static void judge_exports(const struct elf_file *file, struct check_report *report)
{
    struct names others = {.count = 0};
    struct elf_symbol symbol;
    bool has_entry = false;

    for (uint32_t i = 0; elf_symbol_at(file, i, &symbol); i++) {
        if (!is_exported(&symbol))
            continue;
        if (strcmp(symbol.name, ENTRY) == 0 && symbol.type == STT_FUNC)
            has_entry = true;
        else
            names_add(&others, symbol.name);
    }
    if (!has_entry)
        check_add(report, "exports", CHECK_FAIL, "the function " ENTRY " is not exported");
    else
        add_names(report, "exports", &others, "only " ENTRY " may be visible, not",
                  "only " ENTRY " is visible");
}

static void judge_imports(const struct elf_file *file, struct check_report *report)
{
    struct names bad = {.count = 0};
    struct elf_symbol symbol;

    for (uint32_t i = 1; elf_symbol_at(file, i, &symbol); i++) /* 0 is the null symbol */
        if (symbol.is_undefined && !imports_symbol_is_allowed(symbol.name))
            names_add(&bad, symbol.name);
    add_names(report, "imports", &bad, "a plugin reaches the world through services, not through",
              "only what the allow-list names");
}

static void judge_needed(const struct elf_file *file, struct check_report *report)
{
    struct names bad = {.count = 0};
    struct elf_dynamic entry;

    for (uint32_t i = 0; elf_dynamic_at(file, i, &entry); i++) {
        const char *name;

        if (entry.tag != DT_NEEDED && entry.tag != DT_AUXILIARY && entry.tag != DT_FILTER &&
            entry.tag != DT_AUDIT && entry.tag != DT_DEPAUDIT)
            continue;
        name = elf_string(file, entry.value);
        if (!name || entry.tag != DT_NEEDED || !imports_library_is_allowed(name))
            names_add(&bad, name ? name : "(a name outside the file)");
    }
    add_names(report, "needed", &bad, "a plugin may need libc and libm, not", "libc and libm only");
}

/* Bytes of a writable segment that stay writable once the loader has protected the RELRO range. */
static uint64_t mutable_bytes(const struct elf_segment *load, const struct elf_segment *relro)
{
    uint64_t from = load->address;
    uint64_t to = load->address + load->memory_bytes;
    uint64_t safe_from = relro->address / PAGE_BYTES * PAGE_BYTES;
    uint64_t safe_to = (relro->address + relro->memory_bytes) / PAGE_BYTES * PAGE_BYTES;
    uint64_t low = safe_from > from ? safe_from : from;
    uint64_t high = safe_to < to ? safe_to : to;

    return to - from - (high > low ? high - low : 0);
}

static void judge_data(const struct elf_file *file, struct check_report *report)
{
    struct elf_segment relro = {.type = 0};
    struct elf_segment segment;
    struct names sections = {.count = 0};
    struct elf_section section;
    uint64_t bytes = 0;

    for (uint32_t i = 0; elf_segment_at(file, i, &segment); i++)
        if (segment.type == PT_GNU_RELRO && segment.memory_bytes <= UINT64_MAX - segment.address)
            relro = segment;
    for (uint32_t i = 0; elf_segment_at(file, i, &segment); i++) {
        if (segment.type == PT_LOAD && (segment.flags & PF_W) != 0)
            bytes += mutable_bytes(&segment, &relro);
        if (segment.type == PT_TLS)
            bytes += segment.memory_bytes;
    }
    if (bytes == 0) {
        check_add(report, "data", CHECK_OK, "nothing can be written after loading");
        return;
    }
    for (uint32_t i = 0; elf_section_at(file, i, &section); i++)
        if ((section.flags & SHF_WRITE) != 0 && (section.flags & SHF_ALLOC) != 0 &&
            section.bytes > 0 &&
            ((section.flags & SHF_TLS) != 0 || section.address < relro.address ||
             section.address - relro.address >= relro.memory_bytes))
            names_add(&sections, section.name);
    check_add(report, "data", CHECK_FAIL,
              "%" PRIu64 " bytes can be written after loading%s%s; state hangs from the instance",
              bytes, sections.count ? ", in " : "", sections.text);
}

static void judge_constructors(const struct elf_file *file, struct check_report *report)
{
    static const struct {
        int64_t tag;
        const char *name;
    } tags[] = {{DT_INIT, "_init"},
                {DT_FINI, "_fini"},
                {DT_INIT_ARRAY, ".init_array"},
                {DT_FINI_ARRAY, ".fini_array"},
                {DT_PREINIT_ARRAY, ".preinit_array"}};
    struct names found = {.count = 0};
    struct elf_section section;
    uint64_t value;

    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (elf_dynamic_find(file, tags[i].tag, &value))
            names_add(&found, tags[i].name);
    for (uint32_t i = 0; elf_section_at(file, i, &section); i++)
        if (section.bytes > 0 &&
            (strcmp(section.name, ".ctors") == 0 || strcmp(section.name, ".dtors") == 0))
            names_add(&found, section.name);
    if (file->has_load_time_code)
        names_add(&found, "an indirect function");
    add_names(report, "constructors", &found, "code would run while the file is loaded or unloaded",
              "no code runs while the file is loaded or unloaded");
}

static void judge_hardening(const struct elf_file *file, struct check_report *report)
{
    struct names missing = {.count = 0};
    struct elf_segment segment;
    uint64_t flags = 0;
    uint64_t flags_1 = 0;
    uint64_t value;
    bool has_relro = false;
    bool has_stack = false;

    for (uint32_t i = 0; elf_segment_at(file, i, &segment); i++) {
        if (segment.type == PT_GNU_RELRO)
            has_relro = true;
        if (segment.type == PT_GNU_STACK && (segment.flags & PF_X) == 0)
            has_stack = true;
        if (segment.type == PT_LOAD && (segment.flags & (PF_W | PF_X)) == (PF_W | PF_X))
            names_add(&missing, "a segment is writable and executable");
    }
    (void)elf_dynamic_find(file, DT_FLAGS, &flags);     /* absent is 0 */
    (void)elf_dynamic_find(file, DT_FLAGS_1, &flags_1); /* absent is 0 */
    if ((flags & DF_BIND_NOW) == 0 && (flags_1 & DF_1_NOW) == 0 &&
        !elf_dynamic_find(file, DT_BIND_NOW, &value))
        names_add(&missing, "not bound at load (-Wl,-z,now)");
    if (!has_relro)
        names_add(&missing, "no read-only relocations (-Wl,-z,relro)");
    if (!has_stack)
        names_add(&missing, "an executable stack");
    if ((flags & DF_TEXTREL) != 0 || elf_dynamic_find(file, DT_TEXTREL, &value))
        names_add(&missing, "relocations in code (-fPIC)");
    add_names(report, "hardening", &missing, "link it as ringhost_add_plugin does",
              "bound at load, full RELRO, no executable stack");
}

/* The name of an import that only an instrumented build has, or NULL. */
static const char *find_instrumentation(const struct elf_file *file)
{
    struct elf_symbol symbol;

    for (uint32_t i = 1; elf_symbol_at(file, i, &symbol); i++)
        if (imports_symbol_is_instrumentation(symbol.name))
            return symbol.name;
    return NULL;
}

struct rule {
    const char *name;
    void (*judge)(const struct elf_file *file, struct check_report *report);
};
static const struct rule rules[] = {
    {"exports", judge_exports},
    {"imports", judge_imports},
    {"needed", judge_needed},
    {"data", judge_data},
    {"constructors", judge_constructors},
    {"hardening", judge_hardening},
};

void check_static(const void *bytes, size_t size, struct check_report *report)
{
    struct elf_file file;
    char why[ELF_WHY_MAX];
    const char *instrument;

    if (elf_open(bytes, size, &file, why) != RH_OK) {
        check_add(report, "elf", CHECK_FAIL, "%s", why);
        return;
    }
    check_add(report, "elf", CHECK_OK, "a shared object for %s",
              file.machine == EM_X86_64 ? "x86-64" : "aarch64");
    judge_info(&file, report);
    instrument = find_instrumentation(&file);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (instrument)
            check_add(report, rules[i].name, CHECK_NOT_APPLICABLE,
                      "not applicable to a sanitizer or coverage build (%s)", instrument);
        else
            rules[i].judge(&file, report);
    }
}
