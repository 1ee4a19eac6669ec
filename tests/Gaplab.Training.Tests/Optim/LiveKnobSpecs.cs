// Every hyper-parameter of every optimizer is turned: those that the catalogue says it uses must change the update, the others must not.
using System.Reflection;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Optim;

public sealed class LiveKnobSpecs
{
    // Settings that can have no effect; the reader refuses them, so they are not dead knobs but impossible ones.
    private static readonly string[] Impossible =
    [
        .. OptimizerCatalogue
            .BuiltIn.All.Where(k => k.Name is not ("adam" or "adamw" or "lamb"))
            .Select(k => $"{k.Name} ClipTopAt=gradient-m"),
        "signum ClipTopAt=update",
        "lion ClipTopAt=update",
    ];

    public static TheoryData<string, string> Knobs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (OptimizerKind kind in OptimizerCatalogue.BuiltIn.All)
            foreach (PropertyInfo property in Properties())
                data.Add(kind.Name, property.Name);
            return data;
        }
    }

    [Theory, MemberData(nameof(Knobs))]
    public void A_knob_moves_the_update_if_and_only_if_its_optimizer_is_said_to_use_it(string kindName, string propertyName)
    {
        OptimizerKind kind = OptimizerCatalogue.BuiltIn.All.Single(k => k.Name == kindName);
        PropertyInfo property = Properties().Single(p => p.Name == propertyName);
        OptimizerSpec from = Base(kind, propertyName);
        Assert.Null(kind.ObjectionTo(from));
        double[] before = OptimizerTrial.Train([from]);
        int turned = 0;
        foreach (object value in Others(property, property.GetValue(from)!))
        {
            // AdamW is Adam with decay lr: none is lr for it.
            if (kindName == "adamw" && value is "none")
                continue;
            OptimizerSpec to = With(from, property, value);
            if (!kind.Uses(KeyOf(propertyName)))
            {
                Assert.Equal(before, OptimizerTrial.Train([to]));
                turned++;
                continue;
            }
            if (kind.ObjectionTo(to) is { } dead)
            {
                Assert.Contains($"{kindName} {propertyName}={value}", Impossible);
                Assert.Equal(KeyOf(propertyName), dead.Key);
                continue;
            }
            Assert.DoesNotContain($"{kindName} {propertyName}={value}", Impossible);
            double[] after = OptimizerTrial.Train([to]);
            Assert.All(after, v => Assert.True(double.IsFinite(v)));
            Assert.NotEqual(before, after);
            turned++;
        }
        Assert.True(turned > 0 || kind.GivesSigns && propertyName == nameof(OptimizerSpec.ClipTopAt), "no value was turned");
    }

    [Theory, MemberData(nameof(Knobs))]
    public void A_key_that_an_optimizer_does_not_use_is_refused_by_the_study_file(string kindName, string propertyName)
    {
        OptimizerKind kind = OptimizerCatalogue.BuiltIn.All.Single(k => k.Name == kindName);
        if (kind.Uses(KeyOf(propertyName)))
        {
            // What it uses is read, so no kind can lose a key unnoticed.
            StudyFile.Parse("s.yaml", Study(kindName, ""));
            return;
        }
        PropertyInfo property = Properties().Single(p => p.Name == propertyName);
        string key = KeyOf(propertyName).Name;
        string value = property.PropertyType == typeof(bool) ? "true" : "1";
        string message = Assert.Throws<InputException>(() => StudyFile.Parse("s.yaml", Study(kindName, $", {key}: {value}"))).Message;
        Assert.Contains($"'optimizers.{kindName}.{key}' has no meaning for {kindName}; it belongs to", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adam", "clip-top: 1.5", "'optimizers.adam.clip-top' is '1.5'; expected a number from 0 to 1")]
    [InlineData("adam", "clip-top: -0.1", "'optimizers.adam.clip-top' is '-0.1'; expected a number from 0 to 1")]
    [InlineData("adam", "clip-top: .nan", "'optimizers.adam.clip-top' is '.nan'")]
    [InlineData("adam", "clip-top: 0.1, clip-top-at: m", "expected gradient, gradient-m, update")]
    [InlineData("adam", "clip-top-at: update", "'clip-top' does not say what fraction")]
    [InlineData("sgd", "clip-top: 0.1, clip-top-at: gradient-m", "expected gradient or update for this kind")]
    [InlineData("lion", "clip-top: 0.1, clip-top-at: update", "the same size, so nothing would be clipped")]
    [InlineData("signum", "clip-top: 0.1", "takes the sign of each gradient alone")]
    [InlineData("signum", "clip: 1", "which signum without momentum forgets")]
    [InlineData("normalised-sgd", "clip: 1", "which normalised-sgd without momentum forgets")]
    [InlineData("lars", "clip: 1", "scales the gradient, which lars forgets")]
    [InlineData("lars", "trust: 0", "'optimizers.lars.trust' is '0'; expected a number above 0")]
    [InlineData("adam", "trust: 0.1", "'optimizers.adam.trust' has no meaning for adam; it belongs to lars")]
    [InlineData("adafactor", "epsilon2: 0.1", "'relative-step' is not true")]
    [InlineData("muon", "newton-schulz: 0", "expected a whole number from 1 to 100")]
    [InlineData("muon", "momentum: 0", "'optimizers.muon.nesterov' needs a momentum above 0")]
    public void A_setting_without_effect_or_sense_is_answered_in_one_line(string kind, string keys, string part)
    {
        string message = Assert.Throws<InputException>(() => StudyFile.Parse("s.yaml", Study(kind, ", " + keys))).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_clip_top_of_zero_is_the_run_without_it_wherever_it_would_have_clipped()
    {
        OptimizerSpec off = StudyFile
            .Parse("s.yaml", Study("adam", ", clip-top: 0, clip-top-at: update, clip-top-scope: tensor"))
            .Optimizers[0]
            .Template;
        Assert.Equal(StudyFile.Parse("s.yaml", Study("adam", "")).Optimizers[0].Template, off);
    }

    [Fact]
    public void An_unclipped_twin_is_the_same_recipe_at_any_rate_and_an_optimizer_without_one_is_its_own()
    {
        OptimizerSpec plain = OptimizerTrial.Spec(ScaleByAdam.Adam) with { Name = "plain" },
            clipped = plain with { Name = "clipped", LearningRate = 0.3, ClipTop = 0.1, ClipTopAt = "update", ClipTopScope = "tensor" };
        Assert.Equal("plain", clipped.UnclippedTwin([clipped, plain with { Name = "other", Beta2 = 0.9 }, plain]));
        Assert.Equal("clipped", clipped.UnclippedTwin([clipped, plain with { Beta2 = 0.9 }]));
        // One that is not clipped is nobody's twin, though another has its recipe.
        Assert.Equal("again", (plain with { Name = "again" }).UnclippedTwin([plain]));
    }

    [Fact]
    public void Published_defaults_stand_where_a_study_gives_no_number()
    {
        OptimizerSpec muon = StudyFile.Parse("s.yaml", Study("muon", ", adam-lr: 0.001, weight-decay: 0.1")).Optimizers[0].Template;
        Assert.Equal((true, 0.95, 0.001, "lr", 5), (muon.Nesterov, muon.Momentum, muon.AdamLearningRate, muon.Decay, muon.NewtonSchulz));
        Assert.Equal(0.99, StudyFile.Parse("s.yaml", Study("rmsprop", "")).Optimizers[0].Template.Beta2);
        Assert.Equal(1e-6, StudyFile.Parse("s.yaml", Study("lamb", "")).Optimizers[0].Template.Epsilon);
        OptimizerSpec lars = StudyFile.Parse("s.yaml", Study("lars", ", weight-decay: 0.1, trust: 0.01")).Optimizers[0].Template;
        Assert.Equal((0.9, 0.01, "coupled"), (lars.Momentum, lars.Trust, lars.Decay));
        Assert.Equal(
            (0.0, 1e-30),
            StudyFile.Parse("s.yaml", Study("adafactor", "")).Optimizers[0].Template is var a ? (a.Beta1, a.Epsilon) : default
        );
    }

    private static string Study(string kind, string keys) =>
        $"study: knobs\noptimizers:\n  {kind}: {{lr: 0.1{keys}}}\ngrid: {{batch: 16, seeds: 1}}\nbudget: {{samples: 64}}\n";

    // The one key that sets a property.
    private static OptimizerKey KeyOf(string property)
    {
        PropertyInfo info = typeof(OptimizerSpec).GetProperty(property)!;
        var plain = new OptimizerSpec
        {
            Name = "",
            Kind = "",
            LearningRate = 0,
        };
        OptimizerSpec other = With(
            plain,
            info,
            info.GetValue(plain) switch
            {
                bool b => !b,
                string s => s + "!",
                double d => d + 1,
                int i => i + 1,
                long l => l + 1,
                { } value => throw new NotSupportedException($"{property} is a {value.GetType()}"),
                null => throw new NotSupportedException($"{property} is null"),
            }
        );
        return Assert.Single(OptimizerCatalogue.BuiltIn.Keys, k => k.Key.Differs(other, plain));
    }

    private static IEnumerable<PropertyInfo> Properties() =>
        typeof(OptimizerSpec)
            .GetProperties()
            .Where(p => p.Name is not (nameof(OptimizerSpec.Name) or nameof(OptimizerSpec.Kind) or nameof(OptimizerSpec.Own)));

    // A spec in which the knob can act: its switch is on, and a clip is tight enough to bind.
    private static OptimizerSpec Base(OptimizerKind kind, string property)
    {
        OptimizerSpec spec = OptimizerTrial.Spec(kind) with { WeightDecay = 0, Decay = "none" };
        return property switch
        {
            nameof(OptimizerSpec.ClipTopAt) or nameof(OptimizerSpec.ClipTopScope) => spec with { ClipTop = 0.3 },
            nameof(OptimizerSpec.WeightDecay) or nameof(OptimizerSpec.Decay) => spec with { WeightDecay = 0.1, Decay = "lr" },
            // above the parameters' own size, about 1
            nameof(OptimizerSpec.Epsilon2) when kind.Uses(KeyOf(property)) => spec with { RelativeStep = true, Epsilon2 = 5 },
            // Lars forgets a common factor, but for the decay that is added to it.
            nameof(OptimizerSpec.ClipNorm) when kind.Name == "lars" => spec with { ClipNorm = 46.5, WeightDecay = 0.1, Decay = "coupled" },
            // The gradients' norm is about 47; the bound must act on some steps and not on others for rules that forget a common factor.
            nameof(OptimizerSpec.ClipNorm) => spec with { ClipNorm = 46.5 },
            _ => spec,
        };
    }

    private static IEnumerable<object> Others(PropertyInfo property, object value) =>
        (property.Name, value) switch
        {
            (nameof(OptimizerSpec.Decay), _) => OptimizerKey.Decay.Key.Words.Except([(string)value]),
            (nameof(OptimizerSpec.ClipTopAt), _) => OptimizerKey.ClipTopAt.Key.Words.Except([(string)value]),
            (nameof(OptimizerSpec.ClipTopScope), _) => OptimizerKey.ClipTopScope.Key.Words.Except([(string)value]),
            (nameof(OptimizerSpec.ClipNorm), _) => [0.0, 45.0],
            (nameof(OptimizerSpec.Rotation), _) => [1L, 2L],
            (nameof(OptimizerSpec.ClipTop), _) => [0.1, 0.5, 1.0],
            (_, double d) => [d / 2 + 0.1],
            (_, bool b) => [!b],
            (_, int i) => [i - 1, i + 1],
            _ => throw new NotSupportedException($"{property.Name} is a {value.GetType()}"),
        };

    private static OptimizerSpec With(OptimizerSpec spec, PropertyInfo property, object value)
    {
        OptimizerSpec copy = spec with { };
        property.SetValue(copy, value);
        return copy;
    }
}
