// Every rule beyond SGD and Adam, and every place of clip-top, against PyTorch or the published formula.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Torch;

namespace Gaplab.Training.Tests.Optim;

public sealed class RuleVectorSpecs
{
    private static readonly JsonNode Vectors = GoldenVectors.Read("rule-vectors.json");

    public static TheoryData<int, string> Cases
    {
        get
        {
            var data = new TheoryData<int, string>();
            JsonArray cases = Vectors["cases"]!.AsArray();
            for (int i = 0; i < cases.Count; i++)
                data.Add(i, cases[i]!["name"]!.GetValue<string>());
            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Sixty_steps_follow_PyTorch_or_the_published_formula(int index, string name)
    {
        JsonNode vector = Vectors["cases"]!.AsArray()[index]!;
        Assert.Equal(name, vector["name"]!.GetValue<string>());
        double[][] gradients = [.. Vectors["gradients"]!.AsArray().Select(g => GoldenVectors.Doubles(g!))];
        double[] start = GoldenVectors.Doubles(Vectors["start"]!);
        var layoutBuilder = new ParamLayoutBuilder();
        foreach (JsonNode? tensor in Vectors["layout"]!.AsArray())
            layoutBuilder.Add(
                tensor![0]!.GetValue<string>(),
                Initialisation.Zero,
                [.. tensor[1]!.AsArray().Select(s => s!.GetValue<long>())]
            );
        ParamLayout layout = layoutBuilder.Build();
        JsonObject optimizer = vector.DeepClone().AsObject();
        optimizer.Remove("thetas");
        OptimizerSpec spec = GoldenVectors.Optimizer(optimizer);
        Assert.Null(OptimizerCatalogue.BuiltIn.Of(spec).ObjectionTo(spec));
        var schedule = new Schedule(vector["schedule"]!["kind"]!.GetValue<string>(), gradients.Length);
        Chain chain = OptimizerChains.Build([spec, spec], schedule, OptimizerCatalogue.BuiltIn);

        using var scope = new TensorScope();
        using ChainState state = chain.Init(2, layout, ScalarType.Float64);
        Tensor theta = Tensor.From<double>([.. start, .. start], 2, start.Length);
        int compared = 0;
        for (int step = 0; step < gradients.Length; step++)
        {
            chain.Step(
                theta,
                Tensor.From<double>([.. gradients[step], .. gradients[step]], 2, start.Length),
                state,
                step,
                layout,
                [true, true]
            );
            if (vector["thetas"]![(step + 1).ToString(CultureInfo.InvariantCulture)] is not { } expected)
                continue;
            for (int r = 0; r < 2; r++)
                Closeness.Same(
                    GoldenVectors.Doubles(expected),
                    theta.Select(0, r).ToDoubles(),
                    1e-6,
                    1e-12,
                    $"{name} theta at step {step + 1}"
                );
            compared++;
        }
        Assert.Equal(4, compared);
    }

    [Fact]
    public void Every_kind_of_the_catalogue_has_recorded_vectors()
    {
        IEnumerable<string> recorded = new[] { Vectors, GoldenVectors.Read("optimizer-vectors.json") }
            .SelectMany(v => v["cases"]!.AsArray())
            .Select(c => c!["kind"]!.GetValue<string>());
        Assert.Empty(OptimizerCatalogue.BuiltIn.All.Select(k => k.Name).Except(recorded));
    }
}
