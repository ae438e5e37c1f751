/* Tests of shortest doubles: round trips, shortness, layout, and the table of powers. */
#include "sdk_test.h"

#include <math.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "plugin-api/src/pow10.h"

static void check_text(double value, const char *expected)
{
    char text[RH_JSON_DOUBLE_SIZE];

    assert_int_equal(rh_json_format_double(text, value), strlen(expected));
    assert_string_equal(text, expected);
}

static void known_values_have_their_known_digits(void **state)
{
    (void)state;

    check_text(0.0, "0");
    check_text(-0.0, "-0");
    check_text(1.0, "1");
    check_text(-1.5, "-1.5");
    check_text(0.1, "0.1");
    check_text(0.1 + 0.2, "0.30000000000000004");
    check_text(100.0, "100");
    check_text(1e20, "100000000000000000000");
    check_text(1e21, "1e+21");
    check_text(1e22, "1e+22");
    check_text(1e23, "1e+23");
    check_text(123456.789, "123456.789");
    check_text(0.000001, "0.000001");
    check_text(0.0000001, "1e-7");
    check_text(1.25e-7, "1.25e-7");
    check_text(5e-324, "5e-324");
    check_text(2.2250738585072014e-308, "2.2250738585072014e-308");
    check_text(-1.7976931348623157e308, "-1.7976931348623157e+308");
    check_text(9007199254740991.0, "9007199254740991");
    check_text(9007199254740992.0, "9007199254740992");
    check_text(9007199254740993.0 * 4, "36028797018963970");
    check_text(4.35, "4.35");
    check_text(2e-44, "2e-44");
}

static size_t count_digits(const char *text)
{
    size_t count = 0;
    size_t zeros = 0;

    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

/* No decimal with fewer digits reads back as value. "%.*e" rounds to nearest, so it finds one. */
static size_t shortest_by_trial(double value)
{
    for (int precision = 0; precision < 17; precision++) {
        char text[64];

        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            return count_digits(text);
    }
    return 17;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static void check_round_trip(double value)
{
    char text[RH_JSON_DOUBLE_SIZE];
    double back;
    double parsed;

    rh_json_format_double(text, value);
    back = strtod(text, NULL);
    if (bits_of(back) != bits_of(value))
        fail_msg("%a became %s, read as %a", value, text, back);
    assert_int_equal(rh_parse_f64(rh_str_from(text), &parsed), RH_OK);
    if (bits_of(parsed) != bits_of(value))
        fail_msg("%a became %s, parsed as %a", value, text, parsed);
}

static double double_from(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void random_bit_patterns_round_trip(void **state)
{
    struct rh_rng rng = test_rng(41);

    (void)state;

    for (int round = 0; round < 200000; round++) {
        double value = double_from(rh_rng_u64(&rng));

        if (isfinite(value))
            check_round_trip(value);
    }
}

static void everyday_numbers_round_trip(void **state)
{
    struct rh_rng rng = test_rng(42);

    (void)state;

    for (int round = 0; round < 50000; round++) {
        check_round_trip((double)rh_rng_below(&rng, 100000000) / 1000.0);
        check_round_trip(rh_rng_double(&rng));
        check_round_trip((double)(rh_rng_u64(&rng) >> rh_rng_below(&rng, 64)));
    }
}

static void every_power_of_two_and_its_neighbours_round_trip(void **state)
{
    (void)state;

    for (uint64_t exponent = 0; exponent < 2047; exponent++) {
        uint64_t bits = exponent << 52;

        check_round_trip(double_from(bits));
        check_round_trip(double_from(bits + 1));
        check_round_trip(double_from(bits + 2));
        check_round_trip(double_from(bits | ((UINT64_C(1) << 52) - 1)));
    }
}

static void random_digits_are_as_few_as_possible(void **state)
{
    struct rh_rng rng = test_rng(43);
    char text[RH_JSON_DOUBLE_SIZE];

    (void)state;

    for (int round = 0; round < 20000; round++) {
        double value = double_from(rh_rng_u64(&rng));

        if (round % 2)
            value = (double)rh_rng_below(&rng, 1000000) * pow(10, (double)(round % 40) - 20);
        if (!isfinite(value) || value == 0.0)
            continue;
        rh_json_format_double(text, value);
        if (count_digits(text) > shortest_by_trial(value))
            fail_msg("%a became %s, longer than needed", value, text);
    }
}

#define BIG_WORDS 40

/* An unsigned number of 1280 bits, lowest word first. */
struct big {
    uint32_t words[BIG_WORDS];
};

static void big_times_ten(struct big *big)
{
    uint64_t carry = 0;

    for (int i = 0; i < BIG_WORDS; i++) {
        carry += (uint64_t)big->words[i] * 10;
        big->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    assert_true(carry == 0);
}

/* Dividing again and again, rounding down each time, is dividing by the product, rounding down. */
static void big_divide_by_ten(struct big *big)
{
    uint64_t rest = 0;

    for (int i = BIG_WORDS - 1; i >= 0; i--) {
        rest = (rest << 32) | big->words[i];
        big->words[i] = (uint32_t)(rest / 10);
        rest %= 10;
    }
}

static uint32_t big_bit(const struct big *big, int bit)
{
    return bit < 0 ? 0 : (big->words[bit / 32] >> (bit % 32)) & 1;
}

/* The table's entry must be the upper 128 bits of big, plus one if anything was cut off. */
static void check_entry(int k, const struct big *big, bool is_cut)
{
    struct rh_pow10 expected = {0, 0};
    struct rh_pow10 entry = rh_pow10_table[k - RH_POW10_MIN];
    int top = 32 * BIG_WORDS - 1;

    while (!big_bit(big, top))
        top--;
    for (int i = 0; i < 64; i++) {
        expected.high = (expected.high << 1) | big_bit(big, top - i);
        expected.low = (expected.low << 1) | big_bit(big, top - 64 - i);
    }
    for (int bit = top - 128; bit >= 0; bit--)
        is_cut = is_cut || big_bit(big, bit);
    expected.low += is_cut;
    expected.high += is_cut && expected.low == 0;
    assert_true(entry.high == expected.high);
    assert_true(entry.low == expected.low);
}

static void table_holds_powers_of_ten_rounded_up(void **state)
{
    struct big power = {{1}};
    struct big inverse = {{[BIG_WORDS - 1] = 1}};

    (void)state;

    for (int k = 0; k <= RH_POW10_MAX; k++) {
        check_entry(k, &power, false);
        big_times_ten(&power);
    }
    for (int k = -1; k >= RH_POW10_MIN; k--) {
        big_divide_by_ten(&inverse);
        check_entry(k, &inverse, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_have_their_known_digits),
        cmocka_unit_test(random_bit_patterns_round_trip),
        cmocka_unit_test(everyday_numbers_round_trip),
        cmocka_unit_test(every_power_of_two_and_its_neighbours_round_trip),
        cmocka_unit_test(random_digits_are_as_few_as_possible),
        cmocka_unit_test(table_holds_powers_of_ten_rounded_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
