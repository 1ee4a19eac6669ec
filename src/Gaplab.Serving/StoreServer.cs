// gaplab serve's web server: one page, what it asks for, and a stream of what is new.
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gaplab.Serving;

/// <summary>What is served, and where.</summary>
/// <param name="Stores">Folders of stores, as the user named them.</param>
public sealed record ServedStores(IReadOnlyList<string> Stores, Catalogues Catalogues)
{
    /// <summary>An address of this machine; loopback unless others are to see the page.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 is any free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether <see cref="Port"/> may give way to a free one where another program has it.</summary>
    public bool AnyPort { get; init; }

    public string Version { get; init; } = "";
}

/// <summary>Serves stores to browsers. It reads files and never writes one.</summary>
public sealed class StoreServer : IAsyncDisposable
{
    // Nothing but the page's own script runs, and nothing leaves.
    private const string Policy =
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly TimeSpan s_sign = TimeSpan.FromSeconds(15);

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop;

    private readonly IReadOnlyList<Thread> _watching;

    private StoreServer(WebApplication app, CancellationTokenSource stop, IReadOnlyList<Thread> watching, string address) =>
        (_app, _stop, _watching, Address) = (app, stop, watching, address);

    /// <summary>With the token: who has it may look.</summary>
    public string Address { get; }

    /// <summary>Starts serving.</summary>
    /// <exception cref="InputException">A folder that is no store, an address that is none of this machine's, a port that another program
    /// has.</exception>
    public static async Task<StoreServer> Start(ServedStores served)
    {
        ArgumentNullException.ThrowIfNull(served);
        foreach (string path in served.Stores)
            _ = RunStore.OpenToRead(path);
        IPAddress address = await AddressOf(served.Host);
        string secret = AccessToken.Make(Environment.GetEnvironmentVariable(AccessToken.Variable)),
            script = ReportBundle.LoadLive();
        try
        {
            return await Listen(served, address, served.Port, secret, script);
        }
        catch (InputException) when (served.AnyPort && served.Port != 0)
        {
            return await Listen(served, address, 0, secret, script);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Browsers keep a stream open for ever: it is closed, not waited for.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
        // One that reads a large store comes to its end first: what it waits on is disposed of after it.
        foreach (Thread watcher in _watching)
            watcher.Join();
        _stop.Dispose();
    }

    private static async Task<IPAddress> AddressOf(string host)
    {
        try
        {
            return IPAddress.TryParse(host, out IPAddress? address) ? address : (await Dns.GetHostAddressesAsync(host))[0];
        }
        catch (Exception error) when (error is SocketException or IndexOutOfRangeException or ArgumentException)
        {
            throw new InputException(
                $"--host got '{Shown.Of(host)}', which is no address of this machine; expected one such as 127.0.0.1",
                error
            );
        }
    }

    private static async Task<StoreServer> Listen(ServedStores served, IPAddress address, int port, string secret, string script)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production }
        );
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(address, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        // Signals are the command's to handle.
        builder.Services.AddSingleton<IHostLifetime>(new NoLifetime());
        WebApplication app = builder.Build();
        var stop = new CancellationTokenSource();
        var hub = new EventHub();
        ServedStore[] stores =
        [
            .. served.Stores.Select((path, i) => new ServedStore(i, path, served.Catalogues, hub, TimeProvider.System)),
        ];
        AccessToken? token = null;
        app.Use((context, next) => Answer(context, next, token!));
        Map(app, stores, hub, script, served.Version, stop.Token);
        try
        {
            await app.StartAsync(stop.Token);
        }
        catch (Exception error) when (error is IOException or SocketException or AddressInUseException)
        {
            await app.DisposeAsync();
            stop.Dispose();
            throw new InputException(
                $"cannot listen on {address}, port {port}: {(error.InnerException ?? error).Message.TrimEnd('.')}; give another --port or "
                    + "--host",
                error
            );
        }
        int bound = new Uri(app.Urls.First()).Port;
        token = new AccessToken(secret, bound);
        Thread[] watching =
        [
            .. stores.Select(store => new Thread(() => store.Watch(stop.Token)) { IsBackground = true, Name = $"watching {store.Path}" }),
        ];
        foreach (Thread watcher in watching)
            watcher.Start();
        string shown =
            IPAddress.IsLoopback(address) ? address.ToString()
            : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName()
            : address.ToString();
        if (shown.Contains(':', StringComparison.Ordinal))
            shown = $"[{shown}]";
        return new StoreServer(app, stop, watching, $"http://{shown}:{bound}/{token.Query}");
    }

    private static async Task Answer(HttpContext context, RequestDelegate next, AccessToken token)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        await token.Admit(
            context,
            async admitted =>
            {
                try
                {
                    await next(admitted);
                }
                catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested) { } // the browser has left
                catch (Exception error)
                    when (error is InputException or IOException or UnauthorizedAccessException && !context.Response.HasStarted)
                {
                    context.Response.StatusCode = StatusCodes.Status400BadRequest;
                    await context.Response.WriteAsync(Shown.Line(error.Message));
                }
            }
        );
    }

    private static void Map(
        WebApplication app,
        IReadOnlyList<ServedStore> stores,
        EventHub hub,
        string script,
        string version,
        CancellationToken stop
    )
    {
        string page = LivePage.Html(version);
        app.MapGet("/", () => Text(page, "text/html"));
        app.MapGet("/live.js", () => Text(script, "text/javascript"));
        app.MapGet("/favicon.ico", () => TypedResults.NoContent());
        app.MapGet("/api/stores", () => Text(new JsonArray([.. stores.Select(s => s.State())]).ToJsonString(), "application/json"));
        app.MapGet("/events", context => Events(context, stores, hub, stop));
        app.MapGet("/api/{store:int}/{what}", (int store, string what, HttpRequest request) => View(store, what, null, request.Query));
        app.MapGet("/api/{store:int}/{what}/{id}", (int store, string what, string id, HttpRequest r) => View(store, what, id, r.Query));
        app.MapGet("/api/{store:int}/run/{id}/file/{**name}", File);

        IResult View(int store, string what, string? id, IQueryCollection query) =>
            store >= stores.Count
                ? TypedResults.NotFound("no such store")
                : StoreViews.Of(stores, store, what, id, query) switch
                {
                    { Csv: { } csv } => Text(csv, "text/csv"),
                    { Json: { } json } => Text(json.ToJsonString(), "application/json"),
                    { Packed: var (text, type) } => new Packed(text, type),
                    _ => TypedResults.NotFound("no such view"),
                };

        IResult File(int store, string id, string name) =>
            store < stores.Count && RunView.File(stores[store], id, name) is { } path
                ? TypedResults.Stream(RegularFile.Open(path), "text/plain; charset=utf-8", Path.GetFileName(path))
                : TypedResults.NotFound("no such file");

        static IResult Text(string content, string type) => TypedResults.Text(content, type, Encoding.UTF8);
    }

    private static async Task Events(HttpContext context, IReadOnlyList<ServedStore> stores, EventHub hub, CancellationToken stop)
    {
        using EventHub.Subscription subscription = hub.Subscribe();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop);
        context.Response.ContentType = "text/event-stream";
        try
        {
            foreach (ServedStore store in stores)
                await context.Response.WriteAsync(EventHub.Text("state", store.State().ToJsonString()), ends.Token);
            while (!ends.IsCancellationRequested)
            {
                await context.Response.Body.FlushAsync(ends.Token);
                // A comment now and then: a connection that has died is found by writing to it.
                await context.Response.WriteAsync(await subscription.Next(s_sign, ends.Token) ?? ": still here\n\n", ends.Token);
            }
        }
        catch (OperationCanceledException) { } // the browser has left, or the server ends
    }

    /// <summary>Sends what is held as it is held: every browser unpacks gzip.</summary>
    private sealed class Packed(PackedText text, string type) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            response.ContentType = type + "; charset=utf-8";
            response.Headers.ContentEncoding = "gzip";
            response.ContentLength = text.Gzip.Length;
            await response.Body.WriteAsync(text.Gzip, httpContext.RequestAborted);
        }
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
