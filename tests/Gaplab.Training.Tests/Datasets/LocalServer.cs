// A web server on this machine that answers as it is told to.
using System.Net;

namespace Gaplab.Training.Tests.Datasets;

/// <summary>Hands every request to its answer; an answer that fails is a broken connection.</summary>
public sealed class LocalServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Action<HttpListenerContext> _answer;
    private int _requests;

    public LocalServer(Action<HttpListenerContext> answer)
    {
        _answer = answer;
        for (int port = 41000 + Environment.ProcessId % 9000; ; port++)
        {
            Url = $"http://127.0.0.1:{port}/";
            // A listener that could not start is of no more use.
            _listener = new HttpListener();
            _listener.Prefixes.Add(Url);
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) { }
        }
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public string Url { get; }

    public int Requests => Volatile.Read(ref _requests);

    public void Dispose() => _listener.Close();

    private void Serve()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = _listener.GetContext();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
            Interlocked.Increment(ref _requests);
            try
            {
                _answer(context);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                context.Response.Abort();
            }
        }
    }
}
