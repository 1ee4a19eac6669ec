// What a writer finds when the run it writes is no longer what it left there.
namespace Gaplab.Results.Store;

/// <summary>The run's folder, its spec or the numbers written so far are gone or were changed by someone else: the attempt fails, and
/// nothing is made anew in part.</summary>
public sealed class VanishedRunException : Exception
{
    public VanishedRunException(string message)
        : base(message) { }

    public VanishedRunException(string message, Exception inner)
        : base(message, inner) { }

    public VanishedRunException() { }
}
