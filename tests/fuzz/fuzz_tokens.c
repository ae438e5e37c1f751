/* Feeds text to tokens_parse and looks up what it accepted. */
#include <stdint.h>
#include <stdlib.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *user, uint32_t line, const char *message)
{
    uint32_t *reports = user;

    if (line == 0 || message[0] == '\0')
        abort();
    (*reports)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rh_str text = {(const char *)data, size};
    struct tokens *tokens = NULL;
    struct token_match match;
    struct rh_str token;
    uint32_t reports = 0;
    int32_t rc = tokens_parse(text, count, &reports, &tokens);

    if ((rc == RH_OK) != (reports == 0))
        abort();
    if (rc != RH_OK)
        return 0;
    if (tokens_of_node(tokens, RH_STR_LIT("n1"), &token) &&
        (!tokens_find(tokens, token, &match) || !scope_allows(match.scope_mask, RH_PEER)))
        abort();
    (void)tokens_find(tokens, text, &match); /* either answer is fine */
    tokens_free(tokens);
    return 0;
}
