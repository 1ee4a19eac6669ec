// The secret in the printed address: who has it may look, nobody else.
using System.Security.Cryptography;
using System.Text;
using Gaplab.Numerics;
using Microsoft.AspNetCore.Http;

namespace Gaplab.Serving;

/// <summary>Comes once in the address, and from then on in a cookie that scripts cannot read and other sites do not send.</summary>
internal sealed class AccessToken(string value, int port)
{
    /// <summary>Holds the secret of a server that is to be started again under the same address; else each start has a new one.</summary>
    public const string Variable = "GAPLAB_SERVE_TOKEN";

    private const string Parameter = "token";
    private const int FewestLetters = 16;

    // Cookies are shared by all ports of a machine.
    private readonly string _cookie = $"gaplab-{port}";

    public string Query => $"?{Parameter}={value}";

    /// <summary>That of the environment, or a new one of 128 random bits.</summary>
    /// <exception cref="InputException">That of the environment is too short, or would not stand in an address.</exception>
    public static string Make(string? given) =>
        given is null or "" ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))
        : given.Length >= FewestLetters && given.All(char.IsAsciiLetterOrDigit) ? given
        : throw new InputException($"{Variable} holds {given.Length} characters; expected {FewestLetters} or more letters and digits");

    /// <summary>Lets a request through, or answers it: an address with the secret becomes one without it.</summary>
    public async Task Admit(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        if (request.Query.TryGetValue(Parameter, out var given) && Same(given.ToString()))
        {
            context.Response.Cookies.Append(
                _cookie,
                value,
                new CookieOptions
                {
                    HttpOnly = true,
                    SameSite = SameSiteMode.Strict,
                    Path = "/",
                }
            );
            QueryString rest = QueryString.Create(request.Query.Where(q => q.Key != Parameter));
            context.Response.Redirect(request.Path + rest);
            return;
        }
        if (request.Cookies.TryGetValue(_cookie, out string? held) && Same(held))
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(
            "This page is for who started it: open the address that 'gaplab serve' printed, with its token.\n"
        );
    }

    private bool Same(string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(value), Encoding.UTF8.GetBytes(other));
}
