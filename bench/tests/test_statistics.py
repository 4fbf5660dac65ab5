"""The statistics against numpy, over many sets of samples: test_statistics.py PROGRAM."""

import importlib.util
import math
import subprocess
import sys
import unittest
from typing import Any

PROGRAM = ""


def summarize(sets: list[list[float]]) -> list[list[float]]:
    text = "".join(" ".join(repr(float(value)) for value in samples) + "\n" for samples in sets)
    run = subprocess.run([PROGRAM], input=text, capture_output=True, text=True, check=True)
    return [[float(word) for word in line.split()] for line in run.stdout.splitlines()]


def exact_ranks(n: int) -> tuple[int, int]:
    """The widest order-statistic interval of the median whose tails hold 2.5% each at most, ranks from 0."""
    total, low = 0, 0
    for k in range(n // 2):
        total += math.comb(n, k)
        if total / 2**n > 0.025:
            break
        low = k + 1
    low = max(low - 1, 0)
    return low, n - 1 - low


class AgainstNumpy(unittest.TestCase):
    numpy: Any

    @classmethod
    def setUpClass(cls) -> None:
        cls.numpy = importlib.import_module("numpy")

    def sets(self, sizes: tuple[int, ...]) -> list[Any]:
        random = self.numpy.random.default_rng(20)
        made = []
        for n in sizes:
            made += [random.normal(100, 5, n), random.exponential(30, n) + 90, random.integers(0, 4, n).astype(float)]
            made.append(self.numpy.where(random.random(n) < 0.05, 1000.0, random.normal(100, 1, n)))
        return made

    def test_median_quantile_deviation_and_outliers(self) -> None:
        numpy = self.numpy
        sets = self.sets((1, 2, 5, 6, 29, 100, 999, 2000))
        for samples, found in zip(sets, summarize([list(s) for s in sets]), strict=True):
            median = numpy.median(samples)
            deviations = numpy.abs(samples - median)
            mad = numpy.median(deviations)
            expected = [median, mad, samples.min(), samples.max(), numpy.percentile(samples, 99)]
            for here, there in zip([found[0], *found[3:7]], expected, strict=True):
                self.assertAlmostEqual(here, there, places=9)
            self.assertEqual(found[7], int((deviations * 0.6745 > 3.5 * mad).sum()))

    def test_interval_of_independent_samples_is_that_of_the_binomial(self) -> None:
        for n in (6, 9, 17, 25, 29):
            samples = self.numpy.random.default_rng(n).permutation(n).astype(float)
            _, low, high, *_ = summarize([list(samples)])[0]
            self.assertEqual((low, high), exact_ranks(n))

    def test_inflation_is_that_of_batch_means(self) -> None:
        numpy = self.numpy
        random = numpy.random.default_rng(7)
        for correlation in (0.0, 0.5, 0.9, 0.99):
            noise = random.normal(0, 1, 2500)
            samples = numpy.empty(2500)
            last = 0.0
            for i, step in enumerate(noise):
                samples[i] = last = correlation * last + step
            signs = numpy.sign(samples - numpy.median(samples))
            sums = signs.reshape(50, 50).sum(axis=1)
            expected = max(1.0, float((sums**2).sum() / (signs**2).sum()))
            self.assertAlmostEqual(summarize([list(samples)])[0][8], expected, places=9)

    def test_drift_is_between_the_medians_of_the_thirds(self) -> None:
        numpy = self.numpy
        samples = numpy.random.default_rng(3).normal(100, 1, 300) + numpy.arange(300) / 100
        found = summarize([list(samples)])[0]
        expected = (numpy.median(samples[200:]) - numpy.median(samples[:100])) / numpy.median(samples)
        self.assertAlmostEqual(found[9], expected, places=12)
        self.assertEqual(found[10], 1)

    def test_medians_of_new_runs_fall_inside_as_often_as_they_should(self) -> None:
        """Of correlated runs: the true median is inside the interval of nearly all of them."""
        numpy = self.numpy
        random = numpy.random.default_rng(11)
        runs = []
        for _ in range(300):
            samples, last = numpy.empty(900), 0.0
            for i, step in enumerate(random.normal(0, 1, 900)):
                samples[i] = last = 0.9 * last + step
            runs.append(list(samples))
        inside = sum(found[1] <= 0 <= found[2] for found in summarize(runs))
        self.assertGreaterEqual(inside, 300 * 88 // 100)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    if importlib.util.find_spec("numpy") is None:
        print("skipped: python3-numpy is not installed")
        sys.exit(77)
    unittest.main()
