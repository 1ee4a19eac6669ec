// gaplab escape, as a user runs it: the JSON of one case, the page of a sweep, and bad input.
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gaplab.Training.Tests.Running;

public sealed partial class EscapeCommandSpecs
{
    private const string One = """
        dynamics: steps
        minima:
          wide: {curvature: 1, low: 20, high: 20}
        alpha: 1
        epsilon: 0.02
        paths: {precision: 0.9, least: 2000, most: 2000}
        """;

    private const string Sweep = """
        study: sweep
        question: Who leaves?
        dynamics: steps
        minima:
          sharp: {curvature: 4, barrier: 20}
          flat: {curvature: 0.5, barrier: 20}
        adam: {preconditioner: frozen}
        experiments:
          scaling: {minimum: [sharp, flat], alpha: 1.5, epsilon: [0.05, 0.1], width: [1, 2]}
          algorithms: {minimum: flat, alpha: 1.5, epsilon: 0.1, algorithm: [sgd, adam, adam-no-preconditioner, adam-no-average],
            matching: [update, fastest]}
        paths: {precision: 0.9, least: 200, most: 200}
        """;

    [Fact]
    public void One_case_prints_its_prediction_and_its_simulation_side_by_side()
    {
        using var folder = new TestFolder();
        string file = folder.Write("one.yaml", One);
        ProgramEnd end = StartedProgram.Run(folder.Path, "escape", file, "--json");
        end.AssertSucceeded();
        JsonElement found = JsonDocument.Parse(end.Output).RootElement,
            predicted = found.GetProperty("predicted"),
            simulated = found.GetProperty("simulated");
        Assert.Equal((1, 0.02), (found.GetProperty("alpha").GetDouble(), found.GetProperty("epsilon").GetDouble()));
        // Cauchy noise of density 1/(πx²) in its tail, past 20 on either side: 2 · 0.02/(20π) a step.
        double rate = 0.002 / Math.PI,
            mean = simulated.GetProperty("mean").GetDouble(),
            error = simulated.GetProperty("stderr").GetDouble();
        Assert.Equal(1, predicted.GetProperty("rate").GetDouble() / rate, 1e-12);
        Assert.Equal(1, predicted.GetProperty("mean").GetDouble() * rate, 1e-12);
        // k(1) = ln 2 of the flow, less for steps; Λ is the rate over the relaxation 0.02 a step.
        double correction = found.GetProperty("correction").GetDouble();
        Assert.InRange(correction / (rate / 0.02 * Math.Log(2)), 0.9, 1.0001);
        Assert.InRange(mean, ((1 - correction) / rate) - (4.5 * error), ((1 - correction) / rate) + (4.5 * error));
        Assert.InRange(error / mean * Math.Sqrt(2000), 0.9, 1.1); // an exponential law spreads as wide as its mean
        Assert.InRange(simulated.GetProperty("median").GetDouble() / mean, 0.6, 0.79); // ln 2 = 0.693
        Assert.Equal((0, 2000), (simulated.GetProperty("censored").GetInt32(), simulated.GetProperty("paths").GetInt32()));
        Assert.True(found.GetProperty("valid").GetBoolean());
        Assert.False(found.GetProperty("refused").GetBoolean());
        Assert.Equal(JsonValueKind.Null, found.GetProperty("dMax").ValueKind); // nothing bounds what one impulse does to SGD
        Assert.InRange(found.GetProperty("ks").GetProperty("statistic").GetDouble(), 0.1, 1.6);
        Assert.InRange(found.GetProperty("ks").GetProperty("p").GetDouble(), 0.001, 1);

        Assert.Equal(end.Output, StartedProgram.Run(folder.Path, "escape", file, "--json").Output);
        Assert.NotEqual(end.Output, StartedProgram.Run(folder.Path, "escape", file, "--json", "--set", "seed=2").Output);
    }

    [Fact]
    public void Adam_s_prediction_is_refused_where_no_single_impulse_reaches_the_boundary()
    {
        using var folder = new TestFolder();
        string file = folder.Write("one.yaml", One + "\nalgorithm: adam\nadam: {preconditioner: live}\n");
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            "escape",
            file,
            "--json",
            "--set",
            "epsilon=0.005",
            "--set",
            "paths.least=2",
            "--set",
            "paths.most=2",
            "--set",
            "paths.most-steps=1000"
        );
        end.AssertSucceeded();
        JsonElement found = JsonDocument.Parse(end.Output).RootElement;
        Assert.True(found.GetProperty("refused").GetBoolean());
        Assert.False(found.GetProperty("valid").GetBoolean());
        // Adam's rate is the one that matching gives it; its largest move at β = 0.9, 0.999 is 31.8 of them, here short of 20.
        Assert.Equal(31.8, found.GetProperty("dMax").GetDouble() / found.GetProperty("used").GetDouble(), 0.05);
        Assert.InRange(found.GetProperty("dMax").GetDouble(), 1, found.GetProperty("nearest").GetDouble());
        Assert.Contains("one impulse moves Adam by at most", found.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, found.GetProperty("simulated").GetProperty("censored").GetInt32());
        Assert.Equal(JsonValueKind.Null, found.GetProperty("simulated").GetProperty("mean").ValueKind);
    }

    [Fact]
    public async Task A_sweep_lists_its_cases_and_draws_a_page_whose_charts_the_compiler_accepts()
    {
        using var folder = new TestFolder();
        string file = folder.Write("sweep.yaml", Sweep),
            page = folder.File("page.html");
        ProgramEnd end = StartedProgram.Run(folder.Path, "escape", file, "--json", "--html", page);
        end.AssertSucceeded();
        JsonElement root = JsonDocument.Parse(end.Output).RootElement;
        Assert.Equal(8 + 1 + 2 + 1 + 2, root.GetProperty("cases").GetArrayLength());
        Assert.Equal(8, root.GetProperty("fits").GetArrayLength()); // two minima: in ε at two widths, in the width at two ε
        Assert.Equal(4, root.GetProperty("matchings").GetArrayLength());
        Assert.Contains(
            root.GetProperty("claims").EnumerateArray(),
            c =>
                c.GetProperty("claim").GetString()!.StartsWith("sharp minima are left sooner", StringComparison.Ordinal)
                && c.GetProperty("held").ValueKind == JsonValueKind.True
        );

        string html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        foreach (string id in (string[])["claims", "scaling-epsilon", "scaling-width", "survival", "matching", "cases"])
            Assert.Contains($"id=\"{id}\"", html, StringComparison.Ordinal);
        JsonArray specs = [.. Chart().Matches(html).Select(m => JsonNode.Parse(m.Groups[1].Value))];
        Assert.Equal(3, specs.Count);
        string web = Repository.At("web");
        if (!Directory.Exists(Path.Combine(web, "node_modules", "vega-lite")))
            Assert.Skip("needs web/node_modules (npm ci in web/)");
        using Process node = Process.Start(
            new ProcessStartInfo("node", [Path.Combine(web, "check-specs.mjs"), folder.Write("specs.json", specs.ToJsonString())])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        Task<string> errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, output);
        Assert.Contains("3 charts drawn", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alpha: 1\n", "alpha: 2.5\n", "one.yaml:4: 'alpha' is 2.5; expected a number above 0 and at most 2")]
    [InlineData("alpha: 1\n", "alpha: 0\n", "one.yaml:4: 'alpha' is 0; expected a number above 0 and at most 2")]
    [InlineData("alpha: 1\n", "alpha: heavy\n", "one.yaml:4: 'alpha' is 'heavy'; expected a number")]
    [InlineData("epsilon: 0.02", "epsilon: 0", "one.yaml:5: 'epsilon' is 0; expected a number above 0")]
    [InlineData("epsilon: 0.02", "epsilon: -1", "one.yaml:5: 'epsilon' is -1; expected a number above 0")]
    [InlineData("epsilon: 0.02", "epsilon: 0.02\nstart: 25", "the start lies outside the basin; expected it inside")]
    [InlineData("epsilon: 0.02", "epsilon: 0.02\nstart: [1, 2]", "'start' has 2 values, but the minimum 'wide' 1 coordinates")]
    [InlineData(", low: 20, high: 20", "", "without one the basin is unbounded")]
    [InlineData("low: 20, high: 20", "low: .inf, high: .inf", "expected numbers")]
    [InlineData("high: 20", "higher: 20", "unknown key 'minima.wide.higher'; nearest valid name 'high'")]
    [InlineData("epsilon: 0.02", "epsilon: 0.02\nepsilom: 1", "unknown key 'epsilom'; nearest valid name 'epsilon'")]
    [InlineData("precision: 0.9", "precision: 0", "'paths.precision' is '0'; expected a number between 0 and 1, both excluded")]
    public void Bad_input_is_one_line_and_writes_nothing(string from, string to, string says)
    {
        using var folder = new TestFolder();
        string yaml = One.Replace(from, to, StringComparison.Ordinal),
            page = folder.File("page.html");
        Assert.NotEqual(One, yaml);
        ProgramEnd end = StartedProgram.Run(folder.Path, "escape", folder.Write("one.yaml", yaml), "--html", page);
        Assert.Contains(says, end.AssertRefused(), StringComparison.Ordinal);
        Assert.Empty(end.Output);
        Assert.False(File.Exists(page));
    }

    [GeneratedRegex("<script type=\"application/json\"[^>]*>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Chart();
}
