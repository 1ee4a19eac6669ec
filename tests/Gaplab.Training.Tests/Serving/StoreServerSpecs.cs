// The server of the live page: who may look, what it says, and that it changes nothing and outlives whatever happens to a store.
using System.Net;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Serving;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;

namespace Gaplab.Training.Tests.Serving;

public sealed class StoreServerSpecs : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly TestFolder _folder = new();
    private readonly HttpClientHandler _handler = new()
    {
        AllowAutoRedirect = false,
        CookieContainer = new CookieContainer(),
        AutomaticDecompression = DecompressionMethods.GZip,
    };
    private string _store = "";
    private StoreServer _server = null!;
    private HttpClient _client = null!;
    private Uri _root = null!;

    public async ValueTask InitializeAsync()
    {
        _store = _folder.CopyOf(Repository.At("tests/stores/quickstart/store"), "store");
        _server = await StoreServer.Start(new ServedStores([_store], Catalogues.BuiltIn));
        _client = new HttpClient(_handler);
        _root = new Uri(new Uri(_server.Address), "/");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _handler.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task Enter() => Assert.Equal(HttpStatusCode.Redirect, (await Get(_server.Address)).StatusCode);

    private Task<HttpResponseMessage> Get(string path) => _client.GetAsync(new Uri(_root, path), TestContext.Current.CancellationToken);

    private async Task<JsonNode> Json(string path)
    {
        HttpResponseMessage answer = await Get(path);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<JsonNode> StateWhere(Func<JsonNode, bool> holds)
    {
        DateTime end = TimeProvider.System.GetUtcNow().UtcDateTime + s_patience;
        while (true)
        {
            JsonNode state = (await Json("api/stores"))[0]!;
            if (holds(state))
                return state;
            Assert.True(TimeProvider.System.GetUtcNow().UtcDateTime < end, state.ToJsonString());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task<JsonNode> Read() => StateWhere(s => (int)s["done"]! > 0);

    [Theory]
    [InlineData("")]
    [InlineData("live.js")]
    [InlineData("api/stores")]
    [InlineData("api/0/answer")]
    [InlineData("api/0/analysis")]
    [InlineData("api/0/part/opening")]
    [InlineData("api/0/measured/noise")]
    [InlineData("events")]
    [InlineData("?token=0123456789abcdef0123456789abcdef")]
    [InlineData("?token=")]
    public async Task Without_the_token_nothing_is_told(string path)
    {
        HttpResponseMessage answer = await Get(path);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain(
            "quickstart",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_token_comes_once_and_is_then_a_cookie_that_no_script_reads_and_no_other_site_sends()
    {
        HttpResponseMessage answer = await Get(_server.Address + "&view=runs");
        Assert.Equal("/?view=runs", answer.Headers.Location!.ToString());
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        HttpResponseMessage page = await Get("");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(_root, "api/stores"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _client.SendAsync(post, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Its_answer_is_that_of_the_report_in_every_number_and_the_store_is_as_it_was()
    {
        (string, DateTime)[] before = Files();
        await Enter();
        await Read();
        JsonNode answer = await Json("api/0/answer"),
            analysis = await Json("api/0/analysis");
        RunStore store = RunStore.OpenToRead(_store);
        var report = new StudyReport(PlanDocument.TryLoad(store, Catalogues.BuiltIn)!, store);
        JsonNode expected = report.Analyse(new AnalysisOptions { First = "sgd", Second = "adam" }).ToJson();
        Assert.True(JsonNode.DeepEquals(expected, analysis), analysis.ToJsonString());
        // The parts, one by one, are those of the page, and travel compressed.
        GapAnalysis again = report.Analyse(new AnalysisOptions { First = "sgd", Second = "adam" });
        ReportPart[] parts = [.. ReportWriter.Parts(report.Build(again, _store, probes: false))];
        Assert.Equal(parts.Select(p => p.Id), answer["parts"]!.AsArray().Select(p => (string)p!["id"]!));
        Assert.Equal("opening", parts[0].Id);
        foreach (ReportPart part in parts)
        {
            HttpResponseMessage html = await Get($"api/0/part/{part.Id}");
            Assert.Equal(part.Html, await html.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await Get("api/0/part/none")).StatusCode);
        JsonNode rates = await Json("api/0/rates");
        // 36 runs of three seeds: twelve means.
        Assert.Equal(12, rates["arms"]!.AsArray().Sum(a => a!["cells"]!.AsArray().Count));
        Assert.Equal(36, (int)(await Json("api/0/curves?curves=200&points=1000"))["series"]!.AsArray().Count);
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task The_table_of_runs_is_filtered_sorted_and_saved()
    {
        await Enter();
        await Read();
        JsonNode runs = await Json("api/0/runs?q=optimizer%3Dadam%20batch%3D16&sort=value");
        JsonArray rows = runs["rows"]!.AsArray();
        Assert.Equal(36, (int)runs["all"]!);
        Assert.Equal(rows.Count, (int)runs["matching"]!);
        Assert.NotEmpty(rows);
        Assert.All(rows, r => Assert.Equal(("adam", 16), ((string)r!["optimizer"]!, (int)r["batch"]!)));
        double[] values = [.. rows.Select(r => (double)r!["value"]!)];
        Assert.Equal(values.Order(), values);
        string csv = await (await Get("api/0/runs.csv?q=optimizer%3Dadam%20batch%3D16")).Content.ReadAsStringAsync(
            TestContext.Current.CancellationToken
        );
        Assert.Equal(rows.Count + 1, csv.TrimEnd('\n').Split('\n').Length);
        JsonNode none = await Json("api/0/runs?q=optimizer%3Dnone");
        Assert.Equal((0, 36), ((int)none["matching"]!, (int)none["all"]!));
        HttpResponseMessage refused = await Get("api/0/runs?q=colour%3Dred");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(
            "'colour' is no column",
            await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_run_has_its_page_and_its_files_and_nothing_beside_them()
    {
        await Enter();
        await Read();
        string id = (string)(await Json("api/0/runs?count=1"))["rows"]![0]!["id"]!;
        JsonNode run = await Json($"api/0/run/{id}");
        Assert.Equal(File.ReadAllText(Path.Combine(_store, "runs", id[..2], id, "spec.json")), (string)run["spec"]!);
        Assert.Contains(run["files"]!.AsArray(), f => (string)f!["name"]! == "metrics.jsonl");
        Assert.Equal(HttpStatusCode.OK, (await Get($"api/0/run/{id}/file/metrics.jsonl")).StatusCode);
        foreach (string name in (string[])["..%2F..%2F..%2Fstudy.json", "%2Fetc%2Fpasswd", "../../../study.json", "absent"])
            Assert.Equal(HttpStatusCode.NotFound, (await Get($"api/0/run/{id}/file/{name}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Get("api/0/run/ffffffffffffffff")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Get("api/7/answer")).StatusCode);
    }

    [Fact]
    public async Task A_store_that_is_torn_deleted_and_put_back_is_told_and_looked_at_again()
    {
        await Enter();
        await Read();
        string plan = Path.Combine(_store, "plan.json"),
            whole = File.ReadAllText(plan);
        File.WriteAllText(plan, whole[..(whole.Length / 2)]);
        JsonNode torn = await StateWhere(s => (string)s["state"]! == "unreadable");
        Assert.Contains("plan.json", (string)torn["problem"]!, StringComparison.Ordinal);
        File.WriteAllText(plan, whole);
        await StateWhere(s => (string)s["state"]! == "done");
        string aside = _folder.File("aside");
        Directory.Move(_store, aside);
        JsonNode gone = await StateWhere(s => (string)s["state"]! == "gone");
        Assert.Contains("deleted or moved", (string)gone["problem"]!, StringComparison.Ordinal);
        // What it last said can still be looked at.
        Assert.NotEmpty((await Json("api/0/answer"))["parts"]!.AsArray());
        Directory.Move(aside, _store);
        Assert.Null((string?)(await StateWhere(s => (string)s["state"]! == "done"))["problem"]);
    }

    [Fact]
    public async Task Who_watches_is_told_the_state_at_once_and_what_is_new_when_it_comes()
    {
        await Enter();
        await Read();
        using var reader = new StreamReader(await _client.GetStreamAsync(new Uri(_root, "events"), TestContext.Current.CancellationToken));
        Assert.Equal("event: state", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        // A run less: its folder goes, and the answer is another.
        string run = Directory.GetDirectories(Path.Combine(_store, "runs")).SelectMany(Directory.GetDirectories).First();
        Directory.Move(run, _folder.File("lost"));
        using var patience = new CancellationTokenSource(s_patience);
        while (await reader.ReadLineAsync(patience.Token) != "event: answer") { }
        JsonNode missing = await Json("api/0/runs?q=state%3Dmissing");
        Assert.Equal(Path.GetFileName(run), (string)Assert.Single(missing["rows"]!.AsArray())!["id"]!);
        Assert.Equal("not begun, and nobody is at work", (string)missing["rows"]![0]!["reason"]!);
    }

    [Fact]
    public async Task What_is_no_store_and_a_port_that_is_taken_are_refused_in_one_line()
    {
        await Assert.ThrowsAsync<InputException>(() => StoreServer.Start(new ServedStores([_folder.Path], Catalogues.BuiltIn)));
        InputException taken = await Assert.ThrowsAsync<InputException>(() =>
            StoreServer.Start(new ServedStores([_store], Catalogues.BuiltIn) { Port = _root.Port })
        );
        Assert.Contains("give another --port", taken.Message, StringComparison.Ordinal);
        // One that need not have this port takes another.
        await using StoreServer other = await StoreServer.Start(
            new ServedStores([_store], Catalogues.BuiltIn) { Port = _root.Port, AnyPort = true }
        );
        Assert.NotEqual(_root.Port, new Uri(other.Address).Port);
    }

    private (string, DateTime)[] Files() =>
        [
            .. Directory
                .EnumerateFileSystemEntries(_store, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(f => (f, File.GetLastWriteTimeUtc(f))),
        ];
}
