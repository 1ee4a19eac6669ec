// All the memory of a chain: named tensors [R, …] and named counters [R], which a checkpoint writes as they are.
using System.Collections.Immutable;
using Gaplab.Learning.Params;
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>Buffers and counters of every link, by "link.name". The owner disposes it.</summary>
public sealed class ChainState : IDisposable
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
                        new double[link.Counters.Count * replicas]
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

    /// <summary>The names of all counters; each has one number a replica.</summary>
    public IEnumerable<string> CounterNames => Links.SelectMany(l => l.CounterNames);

    /// <summary>The counter's value for a replica.</summary>
    public double Counter(string name, int replica) => CounterCell(name, replica).Span[0];

    public void SetCounter(string name, int replica, double value) => CounterCell(name, replica).Span[0] = value;

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
                return link.Counters.AsMemory(replica * link.CounterNames.Length + index, 1);
        }
        throw new ArgumentException($"No counter is named '{name}'.", nameof(name));
    }

    internal sealed record LinkState(
        ImmutableArray<(string Name, Tensor Buffer)> Buffers,
        ImmutableArray<string> CounterNames,
        double[] Counters
    )
    {
        public Memory<double> CountersOf(int replica) => Counters.AsMemory(replica * CounterNames.Length, CounterNames.Length);
    }
}
