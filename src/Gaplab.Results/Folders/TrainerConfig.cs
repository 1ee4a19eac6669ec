// What the state of Hugging Face's Trainer says of its settings, beside the history that is read as a log.
using Gaplab.Numerics;
using Gaplab.Results.Logs;

namespace Gaplab.Results.Folders;

/// <summary>The settings in trainer_state.json. Its batch is that of one device; the rest of the arguments is in a pickle, which is never
/// read.</summary>
internal static class TrainerConfig
{
    private static readonly (string Key, string As)[] s_keys =
    [
        ("train_batch_size", "per_device_train_batch_size"),
        ("max_steps", "max_steps"),
        ("num_train_epochs", "num_train_epochs"),
    ];

    /// <exception cref="InputException">It is no JSON.</exception>
    public static void Read(string path, RunConfig config)
    {
        if (JsonLog.Document(LogFile.At(path)) is not LogLiteral.Object state)
            throw new InputException("expected an object");
        foreach ((string key, string named) in s_keys)
            if (state[key] is LogLiteral.Number { Value: var value })
                config.Add(named, value.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        if (state["trial_params"] is LogLiteral.Object trial)
            foreach ((string key, double value) in LogLiteral.Numbers(trial))
                config.Add(key, value.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
    }
}
