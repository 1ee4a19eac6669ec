// The one exception for what a user can mend: one line that says what was got, what was expected and the likely fix.
namespace Gaplab.Numerics;

/// <summary>Bad input from a user. The message is one line: what was got, what was expected, the likely fix. The command line prints it and exits with 2.</summary>
public sealed class InputException : Exception
{
    public InputException(string message) : base(message) { }

    public InputException(string message, Exception inner) : base(message, inner) { }

    public InputException() { }
}
