// All the memory of a chain: named tensors [R, …] and named counters [R], which a checkpoint writes as they are.
using System.Collections.Immutable;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>Buffers and counters of every link, by "link.name". The owner disposes it.</summary>
internal sealed class ChainState : IDisposable
{
    internal ChainState(ImmutableArray<Link> links, int replicas, ParamLayout layout, ScalarType type)
    {
        Links =
        [
            .. links.Select(
                (link, i) =>
                {
                    string prefix = links.Take(i).Any(l => l.Name == link.Name) ? $"{link.Name}-{i}" : link.Name;
                    return new LinkState(
                        [
                            .. link.Memory.Select(m =>
                                (prefix + "." + m, TensorScope.Release(Tensor.Zeros([replicas, link.MemorySize(m, layout)], type)))
                            ),
                        ],
                        [.. link.Counters.Select(c => prefix + "." + c)],
                        link,
                        new double[(link.Counters.Count + link.Readings.Count) * replicas]
                    );
                }
            ),
        ];
    }

    internal ImmutableArray<LinkState> Links { get; }

    private Array? _scratch;

    /// <summary>A row to work in, kept from step to step because a fresh one costs a page fault every 4 KiB. Its content means nothing
    /// between steps.</summary>
    internal T[] Scratch<T>(long parameters) => _scratch as T[] ?? (T[])(_scratch = new T[parameters]);

    /// <summary>Every buffer with its name: [R, P], or [R, size] of a link that says so.</summary>
    public IEnumerable<(string Name, Tensor Buffer)> Buffers => Links.SelectMany(l => l.Buffers);

    /// <summary>The names of all counters, which a checkpoint holds; each has one number per replica.</summary>
    public IEnumerable<string> CounterNames => Links.SelectMany(l => l.CounterNames);

    /// <summary>The counter's value for a replica.</summary>
    public double Counter(string name, int replica) => CounterCell(name, replica).Span[0];

    public void SetCounter(string name, int replica, double value) => CounterCell(name, replica).Span[0] = value;

    /// <summary>What the links tell of a replica: of the last step, or of the run.</summary>
    /// <param name="replica">r.</param>
    /// <param name="steps">Steps taken, of which a share is one.</param>
    /// <param name="ofStep">Of the last step; else of the run.</param>
    public IEnumerable<(string Name, double Value)> Metrics(int replica, long steps, bool ofStep)
    {
        foreach (LinkState link in Links)
        foreach (LinkMetric metric in link.Link.Metrics.Where(m => m.Of == MetricOf.Step == ofStep))
        {
            double value = link.CountersOf(replica).Span[Array.IndexOf([.. link.Link.Counters, .. link.Link.Readings], metric.Counter)];
            yield return (
                metric.Name,
                metric.Of != MetricOf.ShareOfSteps ? value
                : steps > 0 ? value / steps
                : 0
            );
        }
    }

    /// <summary>One replica's row of a link's buffer, as a copy.</summary>
    internal double[] Row(int link, string memory, int replica)
    {
        using var scope = new TensorScope();
        return Links[link].Buffers[Array.IndexOf([.. Links[link].Link.Memory], memory)].Buffer.Select(0, replica).ToDoubles();
    }

    public void Dispose()
    {
        foreach ((_, Tensor buffer) in Buffers)
            buffer.Dispose();
    }

    private Memory<double> CounterCell(string name, int replica)
    {
        foreach (LinkState link in Links)
        {
            int index = link.CounterNames.IndexOf(name);
            if (index >= 0)
                return link.CountersOf(replica).Slice(index, 1);
        }
        throw new ArgumentException($"No counter is named '{name}'.", nameof(name));
    }

    internal sealed record LinkState(
        ImmutableArray<(string Name, Tensor Buffer)> Buffers,
        ImmutableArray<string> CounterNames,
        Link Link,
        double[] Numbers
    )
    {
        private readonly int _width = CounterNames.Length + Link.Readings.Count;

        /// <summary>The counters of a replica, then its readings.</summary>
        public Memory<double> CountersOf(int replica) => Numbers.AsMemory(replica * _width, _width);
    }
}
