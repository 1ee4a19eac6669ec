// What a native failure becomes: the operation's name, the shapes it got, and libtorch's own first sentence.
namespace Gaplab.Torch;

/// <summary>An operation failed in libtorch. The message names the operation and the shapes of its operands.</summary>
public class TorchException : Exception
{
    public TorchException(string message)
        : base(message) { }

    public TorchException(string message, Exception inner)
        : base(message, inner) { }

    public TorchException() { }
}

/// <summary>libtorch could not allocate: a typed outcome of a run, not an error of the program.</summary>
public sealed class TorchOutOfMemoryException : TorchException
{
    public TorchOutOfMemoryException(string message)
        : base(message) { }

    public TorchOutOfMemoryException(string message, Exception inner)
        : base(message, inner) { }

    public TorchOutOfMemoryException() { }
}
