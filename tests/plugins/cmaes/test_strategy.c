/* Tests of the strategy's constants against published values and the tutorial's formulas. */
#include "fixture.h"

static void constants_of_dimension_10_are_the_published_ones(void **state)
{
    struct strategy s;

    (void)state;
    assert_int_equal(strategy_default_population(10), 10);
    strategy_init(&s, 10, 10);

    assert_int_equal(s.parents, 5);
    assert_near(s.mu_eff, 3.167299, 5e-7);
    assert_near(s.c_1, 0.01528382, 5e-9);
    assert_near(s.c_sigma, 0.284429, 5e-7);
    assert_near(s.d_sigma, 1.284429, 5e-7);
    assert_near(s.c_c, 0.294990, 5e-7);
    assert_near(s.chi_n, 3.084727, 5e-7);
}

static void default_populations_are_4_and_3_times_the_logarithm(void **state)
{
    static const uint32_t expected[][2] = {{1, 4},   {2, 6},   {3, 7},   {5, 8},
                                           {10, 10}, {20, 12}, {40, 15}, {100, 17}};

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(strategy_default_population(expected[i][0]), expected[i][1]);
}

/* mu_eff, c_sigma, d_sigma, c_c, c_1, c_mu, chi_n, first, last positive and last weight, and the
 * sum of all: the tutorial's formulas, evaluated with forty digits. */
static const struct {
    uint32_t dimension;
    uint32_t population;
    double values[11];
} table[] = {
    {2,
     6,
     {2.02861146461006, 0.446204987378317, 1.44620498737832, 0.624554539026826, 0.154815399896414,
      0.0855927794266643, 1.254272742819, 0.637042571241217, 0.0783871713207504, -1.15598177815892,
      -1.2073236548406}},
    {5,
     8,
     {2.60017882611318, 0.365088376093485, 1.36508837609349, 0.450199557992808, 0.0472923041594009,
      0.0478590496029824, 2.1285237557248, 0.529930184478779, 0.0414983869497922,
      -0.811149352026059, -0.988158029708425}},
    {10,
     10,
     {3.1672992814107, 0.284428587946367, 1.28442858794637, 0.294990383035622, 0.0152838245247517,
      0.0235517766504175, 3.08472656516901, 0.456272646903406, 0.0255095918359747,
      -0.549749917697385, -0.648945714440647}},
    {20,
     12,
     {3.72945893430307, 0.199428013851736, 1.19942801385174, 0.171767211276812, 0.00437235443516025,
      0.00921656177627435, 4.41676665269959, 0.402402942818713, 0.0172077057695945,
      -0.415204422561155, -0.474401901847578}},
    {40,
     15,
     {4.54091520907596, 0.132030568702083, 1.13203056870208, 0.0930092166342492,
      0.00116943272526184, 0.00340521964370635, 6.28521508039776, 0.344796198592021,
      0.0221410968506672, -0.308367259320542, -0.343423581331451}},
    {10,
     80,
     {21.7880847986206, 0.646624713649474, 2.39604348188664, 0.336580096066833, 0.0133798877788301,
      0.242284980471629, 3.08472656516901, 0.0980959657969519, 0.000329235254354682,
      -0.0136681760894119, 0.692785276949224}},
    {3,
     100,
     {26.966655064651, 0.828407950691698, 4.92415667532982, 0.520017799793065, 0.0439979579921903,
      0.95600204200781, 1.59687753025861, 0.0823582365646732, 0.000208948820411665, 0.0, 1.0}},
    {100,
     17,
     {5.09618887861017, 0.0644544461610227, 1.06445444616102, 0.0389134200578419,
      0.000194802926953566, 0.00068063814197061, 9.97504761904762, 0.315095875267623,
      0.0168908308666469, -0.261726449238776, -0.28620630396875}},
};

static void constants_follow_the_formulas(void **state)
{
    struct strategy s;

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const double *expected = table[i].values;

        strategy_init(&s, table[i].dimension, table[i].population);
        {
            const double values[] = {s.mu_eff,
                                     s.c_sigma,
                                     s.d_sigma,
                                     s.c_c,
                                     s.c_1,
                                     s.c_mu,
                                     s.chi_n,
                                     s.weights[0],
                                     s.weights[s.parents - 1],
                                     s.weights[s.population - 1],
                                     s.weights_sum};

            for (size_t k = 0; k < 11; k++)
                assert_near(values[k], expected[k], 1e-13 * (1.0 + fabs(expected[k])));
        }
    }
}

/* Every size that a search can have, also those that restarts lead to. */
static void weights_fall_and_rates_leave_the_covariance_room(void **state)
{
    struct strategy s;

    (void)state;
    for (uint32_t n = 1; n <= DIMENSION_MAX; n += 1 + n / 4) {
        for (uint32_t population = POPULATION_MIN; population <= POPULATION_MAX;
             population += 1 + population / 3) {
            double positive = 0.0;

            strategy_init(&s, n, population);
            for (uint32_t i = 0; i < population; i++) {
                assert_true(i == 0 || s.weights[i] < s.weights[i - 1] || s.weights[i] == 0.0);
                positive += s.weights[i] > 0.0 ? s.weights[i] : 0.0;
            }
            assert_near(positive, 1.0, 1e-12);
            assert_true(s.mu_eff >= 1.0 && s.mu_eff <= s.parents);
            assert_true(s.c_1 > 0.0 && s.c_mu > 0.0 && s.c_1 + s.c_mu <= 1.0);
            assert_true(s.c_c > 0.0 && s.c_c < 1.0);
            assert_true(s.c_sigma > 0.0 && s.c_sigma < 1.0 && s.d_sigma >= 1.0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_of_dimension_10_are_the_published_ones),
        cmocka_unit_test(default_populations_are_4_and_3_times_the_logarithm),
        cmocka_unit_test(constants_follow_the_formulas),
        cmocka_unit_test(weights_fall_and_rates_leave_the_covariance_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
