// The order of a pilot's runs: rounds, learning rates that follow what was found, anchors until the money is out.
using Gaplab.Results.Prediction;
using Gaplab.Studies.Piloting;
using Gaplab.Studies.Planning;

namespace Gaplab.Training.Tests.Piloting;

public sealed class PilotSearchSpecs
{
    private sealed class Play
    {
        private readonly PilotSearch _search;
        private readonly List<PilotFound> _found = [];

        public Play(PilotDesign design, Func<IReadOnlyList<PilotAnchor>, PilotAnchor?> choose)
        {
            Design = design;
            _search = new PilotSearch(design, PilotSide.Pairs(design.Sides, [new("sgd", "adam")], false), (_, anchors) => choose(anchors));
        }

        public PilotDesign Design { get; }

        public double Spent { get; private set; }

        public IReadOnlyList<PilotAsk> Asked => _search.Asked;

        /// <summary>A round; each cell's best is the rate that the law names, among those asked for or one beyond.</summary>
        public IReadOnlyList<PilotAsk> Round(Func<PilotAsk, double> law)
        {
            IReadOnlyList<PilotAsk> asks = _search.Next(_found, Spent);
            foreach (PilotAsk ask in asks)
            foreach (PilotSide side in Design.Sides.Where(s => s.Optimizer == ask.Optimizer))
            {
                long samples = ask.Length.Samples(Design.Study, ask.Batch);
                Spent += 3 * samples;
                _found.Add(
                    new PilotFound(
                        ask.Length,
                        side,
                        new PilotCellReading(
                            ask.Optimizer,
                            "",
                            ask.Batch,
                            samples / ask.Batch,
                            samples,
                            ask.Seed,
                            [.. ask.Rates.Select(r => new PilotTrial(r, 1))],
                            law(ask),
                            1,
                            false
                        )
                    )
                );
            }
            return asks;
        }
    }

    private static string Shape(IEnumerable<PilotAsk> asks) =>
        string.Join(' ', asks.Select(a => $"{a.Length.Text}:{a.Batch}:{a.Seed}:{a.Optimizer}"));

    [Fact]
    public void Rounds_come_in_the_order_of_the_design_and_rates_follow_a_line()
    {
        var play = new Play(PilotDesignSpecs.Of("5%"), _ => throw new InvalidOperationException("no anchor can be paid"));
        // SGD's best grows with the batch size, Adam's does not.
        double Law(PilotAsk ask) => ask.Optimizer == "sgd" ? 0.1 * ask.Batch / 16 : 0.02;
        IReadOnlyList<PilotAsk> first = play.Round(Law);
        Assert.Equal("N/4:16:101:sgd N/4:16:101:adam", Shape(first));
        // The middle of the grid, 0.03 … 3, at the middle of the batch sizes, 32: half of that at 16, and twice that at a quarter.
        Assert.Equal([0.0948683, 0.3, 0.948683], first[0].Rates, (a, b) => Math.Abs(a - b) < 1e-5);
        IReadOnlyList<PilotAsk> second = play.Round(Law);
        Assert.Equal("N/4:4:101:sgd N/4:4:101:adam N/4:64:101:sgd N/4:64:101:adam", Shape(second));
        double Middle(IEnumerable<PilotAsk> asks, int batch, string of) => asks.Single(a => a.Batch == batch && a.Optimizer == of).Rates[1];
        Assert.InRange(Middle(second, 64, "sgd") / Middle(second, 4, "sgd"), 12, 18);
        Assert.InRange(Middle(second, 64, "adam") / Middle(second, 4, "adam"), 1, 3);
        Assert.InRange(Middle(second, 4, "sgd"), 0.02, 0.05);
        Assert.Equal("N/16:16:101:sgd N/16:16:101:adam N/16:16:102:sgd N/16:16:102:adam", Shape(play.Round(Law)));
        Assert.Empty(play.Round(Law));
        Assert.Equal(play.Design.Certain, play.Spent);
    }

    [Fact]
    public void Anchors_are_chosen_among_what_can_be_paid_until_nothing_can()
    {
        var offered = new List<string>();
        var play = new Play(
            PilotDesignSpecs.Of("20%"),
            anchors =>
            {
                offered.Add(string.Join(' ', anchors.Select(a => $"{a.Batch}:{a.Seed}")));
                return anchors.FirstOrDefault(a => a.Batch == 64) ?? anchors[0];
            }
        );
        while (play.Round(_ => 0.1).Count > 0) { }
        // Of the second seed only where the first is.
        Assert.Equal(["4:101 16:101 64:101 256:101", "4:101 16:101 64:102 256:101"], offered[..2]);
        PilotAsk[] whole = [.. play.Asked.Where(a => a.Length == PilotLength.Whole)];
        Assert.Equal([101L, 101L, 102L, 102L], whole.Where(a => a.Batch == 64).Select(a => a.Seed));
        Assert.All(whole, a => Assert.Equal(2, a.Rates[1] / a.Rates[0], 1e-4));
        Assert.InRange(play.Spent, 0.15 * play.Design.Sweep, play.Design.Allowance);
    }

    [Fact]
    public void A_tuned_loss_is_read_between_rates_but_not_off_a_cliff()
    {
        double? Of(params double?[] losses) =>
            PilotResults.Tuned([.. losses.Select((l, i) => new PilotTrial(Math.Pow(10, 0.5 * i), l))], Math.Sqrt(10));
        // ln L = ln 2 + c·(x − x*)² is met exactly, x* at a fifth of a step.
        double L(double x) => 2 * Math.Exp(0.3 * Math.Pow(x - 1.2, 2));
        Assert.Equal(2, Of(L(0), L(1), L(2))!.Value, 1e-12);
        // Barcodes by Zipf's law, batch sizes 4 and 32, 9,000 samples: with rates a factor 1.8 apart SGD's best is 0.535 at 4.
        Assert.Equal(0.535, Of(0.9434, 0.536, 3.8652)!.Value, 0.003);
        Assert.Equal(0.6445, Of(1.119, 0.6445, 4.3158)!.Value, 0.003);
        // Two rates as good as each other: the best lies between them.
        Assert.InRange(Of(1.2031, 1.1777, 3.1294)!.Value, 1.05, 1.12);
        // A divergence is a cliff; at an edge, and below zero, there is nothing to read.
        Assert.Equal(Of(1.2, 1, 2.0), Of(1.2, 1, null));
        Assert.Equal(1.0, PilotResults.Tuned([new(1, 1.5), new(2, 1)], 2));
        Assert.Equal(-1.0, Of(1, -1, 1));
        Assert.Null(PilotResults.Tuned([new(1, null), new(2, null)], null));
    }

    [Fact]
    public void The_same_answers_lead_to_the_same_runs_and_the_plan_keeps_its_packs()
    {
        Plan whole = PilotDesignSpecs.Whole("../benchmarks/tiny-gpt");
        string Packs(int rounds)
        {
            var play = new Play(PilotDesignSpecs.Of("5%"), _ => null);
            for (int i = 0; i < rounds; i++)
                play.Round(_ => 0.1);
            PilotPlan pilot = PilotPlan.Of(whole, new Dictionary<int, IReadOnlyList<PilotAsk>> { [0] = play.Asked });
            Assert.Equal(play.Spent, PlanEstimate.Of(pilot.Plan).Samples);
            Assert.All(pilot.Plan.FirstRound().SelectMany(p => p.Runs), r => Assert.DoesNotContain(r.Spec.Seed, whole.Study.Grid.Seeds));
            return string.Join(' ', pilot.Plan.FirstRound().Select(p => p.Id));
        }
        string three = Packs(3);
        Assert.Equal(three, Packs(3));
        // What came first is packed as it was: nothing is trained twice.
        Assert.All(Packs(1).Split(' '), id => Assert.Contains(id, three, StringComparison.Ordinal));
        Assert.All(Packs(2).Split(' '), id => Assert.Contains(id, three, StringComparison.Ordinal));
    }
}
