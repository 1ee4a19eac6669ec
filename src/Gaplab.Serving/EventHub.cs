// Who is watching: each browser has a short queue of what is new; one that does not read misses the oldest and nothing waits for it.
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Gaplab.Serving;

/// <summary>Tells every connected browser, in the form of server-sent events.</summary>
internal sealed class EventHub
{
    private const int Held = 64;
    private readonly ConcurrentDictionary<Channel<string>, byte> _watchers = [];

    public int Watchers => _watchers.Count;

    /// <summary>An event with one line of data, as it travels.</summary>
    public static string Text(string name, string data) => $"event: {name}\ndata: {data}\n\n";

    public void Tell(string name, string data)
    {
        string text = Text(name, data);
        foreach (Channel<string> watcher in _watchers.Keys)
            watcher.Writer.TryWrite(text);
    }

    /// <summary>What is told from now on, until the reader leaves.</summary>
    public Subscription Subscribe() => new(this);

    public sealed class Subscription : IDisposable
    {
        private readonly EventHub _hub;
        private readonly Channel<string> _queue = Channel.CreateBounded<string>(
            new BoundedChannelOptions(Held) { FullMode = BoundedChannelFullMode.DropOldest }
        );

        internal Subscription(EventHub hub)
        {
            _hub = hub;
            hub._watchers[_queue] = 0;
        }

        /// <summary>The next text; null after a while without any.</summary>
        public async Task<string?> Next(TimeSpan patience, CancellationToken left)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(left);
            wait.CancelAfter(patience);
            try
            {
                return await _queue.Reader.ReadAsync(wait.Token);
            }
            catch (OperationCanceledException) when (!left.IsCancellationRequested)
            {
                return null;
            }
        }

        public void Dispose() => _hub._watchers.TryRemove(_queue, out _);
    }
}
