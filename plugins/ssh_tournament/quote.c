/* Words as a remote login shell reads them back unchanged. */
#include "quote.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_@%+:,./-", c) != NULL);
}

/* Never bare: an empty word would vanish. */
static bool is_bare(struct rh_str word)
{
    for (size_t i = 0; i < word.n; i++)
        if (!is_plain(word.p[i]))
            return false;
    return word.n > 0;
}

/* What must stand outside of single quotes, behind a backslash. A "!" before a blank need not, and
 * the wrapper, which has many of these, stays shorter. */
static bool is_apart(struct rh_str word, size_t at)
{
    const char c = word.p[at];

    return c == '\'' || c == '\\' || (c == '!' && (at + 1 == word.n || word.p[at + 1] != ' '));
}

/* Bytes up to the next of those. */
static size_t quotable(struct rh_str word, size_t from)
{
    size_t at = from;

    while (at < word.n && !is_apart(word, at))
        at++;
    return at - from;
}

int32_t quote_word(struct rh_str word, struct rh_buf *out)
{
    size_t at = 0;

    if (word.n > 0 && memchr(word.p, '\0', word.n))
        return RH_EINVAL;
    if (is_bare(word))
        return rh_buf_append_str(out, word);
    if (word.n == 0)
        return rh_buf_append_c(out, "''");
    while (at < word.n) {
        const size_t n = quotable(word, at);

        if (n > 0) {
            (void)rh_buf_append_byte(out, '\''); /* errors stay in out */
            (void)rh_buf_append(out, word.p + at, n);
            (void)rh_buf_append_byte(out, '\'');
            at += n;
        } else {
            (void)rh_buf_append_byte(out, '\\');
            (void)rh_buf_append_byte(out, word.p[at++]);
        }
    }
    return out->rc;
}

int32_t quote_words(const struct rh_str_list *words, struct rh_buf *out)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < words->count && rc == RH_OK; i++) {
        if (i > 0)
            (void)rh_buf_append_byte(out, ' '); /* errors stay in out */
        rc = quote_word(words->items[i], out);
    }
    return rc;
}
