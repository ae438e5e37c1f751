/* What is taken from a job's output. */
#include "output.h"

#include <stdbool.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct rh_str trim(struct rh_str s)
{
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

struct rh_str output_object(struct rh_str output)
{
    size_t end = output.n;

    for (;;) {
        size_t from = end;
        struct rh_str line;

        while (from > 0 && output.p[from - 1] != '\n')
            from--;
        line = trim((struct rh_str){output.n > 0 ? output.p + from : "", end - from});
        if (line.n >= 2 && line.p[0] == '{' && line.p[line.n - 1] == '}')
            return line;
        if (from == 0)
            return (struct rh_str){"", 0};
        end = from - 1;
    }
}

struct rh_str output_tail(struct rh_str output, size_t most)
{
    size_t from = output.n > most ? output.n - most : 0;

    while (from > 0 && from < output.n && ((unsigned char)output.p[from] & 0xc0u) == 0x80u)
        from++;
    return (struct rh_str){output.n > 0 ? output.p + from : "", output.n - from};
}

/* Bytes of the character that a byte begins (RFC 3629, section 3); 1 for any other byte. */
static size_t bytes_of(unsigned char first)
{
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    return first >= 0xc2 && first < 0xe0 ? 2 : 1;
}

struct rh_str output_whole(struct rh_str text)
{
    size_t back = 1;

    while (back < 4 && back < text.n && ((unsigned char)text.p[text.n - back] & 0xc0u) == 0x80u)
        back++;
    if (text.n > 0 && bytes_of((unsigned char)text.p[text.n - back]) > back)
        text.n -= back;
    return text;
}
