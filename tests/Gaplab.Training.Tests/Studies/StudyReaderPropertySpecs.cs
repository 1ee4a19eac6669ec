// Properties of the readers of study files and probes: whatever is done to a file, it is read or refused in one line.
using System.Globalization;
using CsCheck;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Escape;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Yaml;
using Gaplab.Theory.GapModel;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Training.Tests.Studies;

public sealed class StudyReaderPropertySpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly string[] s_studies =
    [
        StudyFileSpecs.Small,
        """
            study: full
            question: Why? "quoted" and 'so'
            task: {kind: shapes, classes: 4, images: 200, imbalance: 0.5}
            model: {kind: resnet, layers: 2, width: 8}
            optimizers:
              sgd: &s {lr: {from: 1e-2, to: 1, factor: 10}, momentum: [0, 0.9], weight-decay: 0.1, decay: schedule, clip: 1}
              big-adam: {kind: adamw, lr: 1_0e-4, beta1: 0.8, beta2: [0.9, 0.99], epsilon: 1e-6}
            grid: {batch: 8, seeds: [7, 3]}
            budget: {steps: 20}
            schedule: {kind: warmup-stable-decay, warmup: 0.2, decay: 0.3, final: 0.1}
            evaluation: {points: 3, validation: all, train: none, micro-batch: 32}
            probes: {names: [sharpness, noise], at: [0, 1], samples: 64, noise: {draws: 8}, shadows: {lion: {lr: 0.1}}}
            limits: {memory: 1GiB}
            """,
        StudyFileSpecs.Small
            + """

                settings:
                  narrow: {model: {width: 16}, traits: {size: small}}
                  wide: {model: {width: 32}}
                factors:
                  model.layers: [1, 2]
                  clip: {levels: {none: {optimizers.*.clip: none}, one: {optimizers.*.clip: 1}}}
                design: one-at-a-time
                """,
    ];

    // Pieces that mean something to a parser, and some that do not.
    private static readonly Gen<string> s_piece = Gen.OneOf(
        FixedSeeds.OneOf(
            ":",
            ": ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "\n",
            "\n  ",
            "\t",
            "&a ",
            "*a",
            "!!str ",
            "'",
            "\"",
            "|\n",
            ">\n",
            "#",
            "%",
            "@",
            "`",
            "---\n",
            "...\n",
            "? ",
            "<<: ",
            "~",
            "null",
            "true",
            ".inf",
            "-.nan",
            "1e999",
            "-0",
            "0x",
            "1_",
            "\0",
            "\u202E",
            "\uFEFF",
            "\uD800",
            "\r",
            "\u2028",
            "999999999999999999999"
        ),
        Gen.String[0, 12]
    );

    private static Gen<string> Mutated(IReadOnlyList<string> texts) =>
        from text in Gen.Int[0, texts.Count - 1].Select(i => texts[i])
        from changes in Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 40], s_piece, Gen.Int[0, 3]).Array[1, 6]
        select changes.Aggregate(
            text,
            (now, change) =>
            {
                (int at, int length, string piece, int how) = change;
                at %= now.Length + 1;
                length = Math.Min(length, now.Length - at);
                string cut = now.Substring(at, length);
                return how switch
                {
                    0 => now.Insert(at, piece),
                    1 => now.Remove(at, length),
                    2 => now.Remove(at, length).Insert(at, piece),
                    _ => now.Insert(at, cut + cut),
                };
            }
        );

    [Fact]
    public void A_mutated_study_is_read_or_refused_in_one_line() =>
        FixedSeeds.Check(Mutated(s_studies), 3000, text => ReadOrRefused(() => StudyFile.Parse("/s/m.yaml", text)));

    [Fact]
    public void A_mutated_override_is_read_or_refused_in_one_line() =>
        FixedSeeds.Check(
            Mutated([
                "grid.batch=[1, 2, 4]",
                "optimizers.sgd={lr: {from: 0.1, to: 1, points: 3}}",
                "model.width=64",
                "factors={model.width: [16, 32]}",
            ]),
            2000,
            text => ReadOrRefused(() => StudyFile.Parse("/s/m.yaml", StudyFileSpecs.Small, text))
        );

    [Fact]
    public void A_mutated_escape_study_is_read_or_refused_in_one_line() =>
        FixedSeeds.Check(
            Mutated([
                """
                study: e
                dynamics: steps
                minima:
                  sharp: {curvature: [4, 1], barrier: 0.5, rotate: 30, matrix: [[1, 0.3], [-0.2, 0.5]]}
                  flat: {kind: asymmetric-valley, curvature: 1, flat-curvature: 0.25, low: 1, high: 2, noise: root-curvature}
                experiments: {one: {alpha: [1.5, 2], algorithm: [sgd, adam], matching: [update, loss]}, two: {alpha: 1.2, minimum: flat}}
                epsilon: 0.1
                adam: {beta1: 0.9, q: [1, 2]}
                paths: {least: 2, most: 10}
                start: [0.1, 0.2]
                """,
            ]),
            2000,
            text => ReadOrRefused(() => EscapeFile.Parse("/s/m.yaml", text))
        );

    [Fact]
    public void A_mutated_quadratic_is_read_or_refused_in_one_line()
    {
        string path = _folder.File("q.yaml");
        FixedSeeds.Check(
            Mutated([
                """
                kind: quadratic
                spectrum: {values: [4, 2, 1, 1], weights: [1, 1, 1, 1]}
                noise: {values: [1, 1, 2, 0]}
                start: {values: [1, 1, 1, 1]}
                rotation: {pairs: 45}
                first: {optimizer: sgd, momentum: [0, 0.9]}
                second: {optimizer: adam, beta2: 0.99}
                schedule: {kind: cosine}
                batches: [1, 4, 16]
                budget: {samples: 1024}
                """,
                """
                kind: quadratic
                spectrum: {family: power-law, dimension: 16, exponent: 1.5}
                noise: {scale: 10, exponent: 0}
                batches: [1, 4, 16]
                budget: {steps: 100}
                brute-force: {runs: 16}
                """,
            ]),
            1500,
            text =>
            {
                File.WriteAllBytes(path, System.Text.Encoding.UTF8.GetBytes(text));
                ReadOrRefused(() => QuadraticFile.Read(path));
            }
        );
    }

    /// <summary>Small files of two kinds that predict reads.</summary>
    internal const string Probe = """
        {"kind": "probe", "batches": [1, 4, 16], "steps": 100, "first": [{"name": "sgd", "momentum": 0.9}],
          "second": [{"name": "adam"}],
          "blocks": [{"name": "a", "parameters": 10, "nodes": [1, 2], "weights": [0.5, {"value": 0.5, "error": 0.1}],
            "noiseVariance": 1, "gradientNorm": 2}],
          "initialLoss": 3, "firstTrial": {"rate": 0.1, "batch": 4, "steps": 10, "at": [1, 10], "losses": [2, 1]}}
        """;
    internal const string Prediction = """
        {"kind": "prediction", "first": "sgd", "second": "adam", "gaps": [{"batch": 4, "gap": 0.1, "low": 0, "high": 0.2}],
          "crossing": 10, "interval": {"low": 1, "high": null, "lowOpen": false, "highOpen": true}}
        """;

    [Fact]
    public void A_mutated_probe_or_prediction_is_read_or_refused_in_one_line()
    {
        string path = _folder.File("probe.json");
        FixedSeeds.Check(
            Mutated([Probe, Prediction, new string('[', 500)]),
            2000,
            text =>
            {
                File.WriteAllBytes(path, System.Text.Encoding.UTF8.GetBytes(text));
                ReadOrRefused(() => ProbeJson.Read(path));
                ReadOrRefused(() => Results.Prediction.GapPrediction.Read(path));
            }
        );
    }

    /// <summary>Studies of many forms, all of them right.</summary>
    private static readonly Gen<string> s_right =
        from batches in Gen.Int[1, 4096].Array[1, 5].Select(a => a.Distinct())
        from seeds in Gen.Int[1, 9]
        from rates in Gen.Double[1e-4, 10]
            .Array[1, 5]
            .Select(a => a.DistinctBy(r => r.ToString("E3", System.Globalization.CultureInfo.InvariantCulture)))
        from momentum in Gen.Double[0, 0.99]
        from width in Gen.Int[1, 32]
        from kind in FixedSeeds.OneOf(
            "sgd",
            "adam",
            "adamw",
            "lion",
            "signum",
            "rmsprop",
            "muon",
            "adagrad",
            "adafactor",
            "normalised-sgd",
            "lamb",
            "lars"
        )
        from schedule in FixedSeeds.OneOf("constant", "cosine", "linear-warmup")
        from budget in FixedSeeds.OneOf("samples", "tokens", "steps")
        from question in FixedSeeds.OneOf("Why?", "1e5", "null", "a: b", "- x", "# y", "\"", "50 %", "ünïcödé", "yes")
        select string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            study: right
            question: {{{System.Text.Json.JsonSerializer.Serialize(question)}}}
            model: {heads: 1, width: {{{2 * width}}} }
            optimizers:
              sgd: {lr: [{{{string.Join(
                ", ",
                rates.Select(r => r.ToString("R", System.Globalization.CultureInfo.InvariantCulture))
            )}}}], momentum: {{{momentum}}} }
              other: {kind: {{{kind}}}, lr: {from: 0.001, to: 0.1, points: {{{seeds + 1}}} } }
            grid: {batch: [{{{string.Join(", ", batches)}}}], seeds: {{{seeds}}} }
            budget: { {{{budget}}}: 100000}
            schedule: {kind: {{{schedule}}} }
            """
        );

    [Fact]
    public void A_study_written_as_the_store_keeps_it_is_the_same_study() =>
        FixedSeeds.Check(
            s_right,
            300,
            text =>
            {
                StudySpec study = StudyFile.Parse("/s/right.yaml", text);
                string written = System.Text.Json.JsonSerializer.Serialize(study, SpecJson.Options);
                StudySpec read = System.Text.Json.JsonSerializer.Deserialize<StudySpec>(written, SpecJson.Options)!;
                Assert.Equal(written, System.Text.Json.JsonSerializer.Serialize(read, SpecJson.Options));
                Assert.Equal(RunId.OfStudy(study), RunId.OfStudy(read));
            }
        );

    [Fact]
    public void A_study_printed_by_another_program_is_the_same_study() =>
        FixedSeeds.Check(
            s_right,
            300,
            text =>
            {
                var stream = new YamlStream();
                stream.Load(new StringReader(text));
                var printed = new StringWriter();
                stream.Save(printed, assignAnchors: false);
                StudySpec study = StudyFile.Parse("/s/right.yaml", text),
                    read = StudyFile.Parse("/s/right.yaml", printed.ToString());
                Assert.Equal(
                    System.Text.Json.JsonSerializer.Serialize(study, SpecJson.Options),
                    System.Text.Json.JsonSerializer.Serialize(read, SpecJson.Options)
                );
            }
        );

    private static void ReadOrRefused(Action read)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        try
        {
            read();
        }
        catch (InputException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            Assert.InRange(e.Message.Length, 10, 1500);
            Assert.DoesNotContain("Exception", e.Message, StringComparison.Ordinal);
        }
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
    }
}
