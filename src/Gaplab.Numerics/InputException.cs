// The one exception for what a user can mend: one line that says what was got, what was expected and the likely fix.
namespace Gaplab.Numerics;

/// <summary>Bad input from a user. The message is one line: what was got, what was expected, the likely fix. The command line prints it and
/// exits with 2.</summary>
public sealed class InputException : Exception
{
    public InputException(string message)
        : base(Shown.Line(message)) { }

    public InputException(string message, Exception inner)
        : base(Shown.Line(message), inner) { }

    /// <summary>From an interpolated string: what a user wrote is shortened (<see cref="InputMessage"/>).</summary>
    public InputException(InputMessage message)
        : this(message.ToString()) { }

    /// <inheritdoc cref="InputException(InputMessage)"/>
    public InputException(InputMessage message, Exception inner)
        : this(message.ToString(), inner) { }

    public InputException() { }
}
