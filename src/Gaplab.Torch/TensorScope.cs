// Lifetime is lexical: a tensor born in a scope dies with it, and Keep is the one way out.
namespace Gaplab.Torch;

/// <summary>Every tensor created on this thread while the scope is the innermost one is freed when the scope ends.</summary>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? _current;

    private readonly TensorScope? _outer;
    private readonly List<Tensor> _born = new(256);
    private bool _disposed;

    public TensorScope()
    {
        _outer = _current;
        _current = this;
    }

    internal static void Register(Tensor tensor)
    {
        tensor.Scope = _current;
        _current?._born.Add(tensor);
    }

    /// <summary>Hands <paramref name="tensor"/> to the enclosing scope, or to the caller where there is none.</summary>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Scope != this)
            return tensor;
        tensor.Scope = _outer;
        _outer?._born.Add(tensor);
        return tensor;
    }

    /// <summary>Takes <paramref name="tensor"/> out of every scope: from here on its owner disposes it.</summary>
    public static Tensor Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.Scope = null;
        return tensor;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        if (_current != this)
            throw new InvalidOperationException(
                "Tensor scopes end in the reverse of the order they began in, on the thread they began on."
            );
        _disposed = true;
        _current = _outer;
        foreach (Tensor tensor in _born)
            if (tensor.Scope == this)
                tensor.Dispose();
        _born.Clear();
    }
}
