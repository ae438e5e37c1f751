/* Keys of the namespace "tournament". */
#include "keys.h"

void tournament_key(struct rh_key *key, char kind, struct rh_str id)
{
    rh_key_init(key);
    (void)rh_key_u8(key, (uint8_t)kind); /* errors stay in key->rc */
    (void)rh_key_str(key, id);
}

void tournament_key_numbered(struct rh_key *key, char kind, struct rh_str id, uint32_t number)
{
    tournament_key(key, kind, id);
    (void)rh_key_u32(key, number); /* as above */
}

void tournament_key_range(struct rh_key *from, struct rh_key *to, char kind, struct rh_str id)
{
    tournament_key(from, kind, id);
    tournament_key(to, kind, id);
    if (to->rc == RH_OK)
        (void)rh_key_prefix_end(to); /* kinds are letters, so there is one */
}

static void begin(struct rh_key_reader *reader, struct rh_str key, char *id)
{
    uint8_t kind = 0;

    rh_key_reader_init(reader, key);
    (void)rh_key_read_u8(reader, &kind); /* errors stay in the reader */
    (void)rh_key_read_str(reader, id, TEXT_ID_SIZE, NULL);
}

int32_t tournament_key_id(struct rh_str key, char id[TEXT_ID_SIZE])
{
    struct rh_key_reader reader;

    begin(&reader, key, id);
    return rh_key_read_end(&reader);
}

int32_t tournament_key_number(struct rh_str key, uint32_t *number)
{
    struct rh_key_reader reader;
    char id[TEXT_ID_SIZE];

    begin(&reader, key, id);
    (void)rh_key_read_u32(&reader, number); /* as above */
    return rh_key_read_end(&reader);
}
