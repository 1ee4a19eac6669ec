// The entry point: every command, over the kinds that are Gaplab's own.
using Gaplab.Cli;
using Gaplab.Studies;

return GaplabProgram.Run(args, Catalogues.BuiltIn);

/// <summary>Named so that no generator makes it public.</summary>
internal partial class Program;
