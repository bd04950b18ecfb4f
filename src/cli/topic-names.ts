/** The topics that the environment names, each once: a channel that carries several objects is one topic. */
export function topicNames(channels: Readonly<Record<string, string | undefined>>): string[] {
  return [...new Set(Object.values(channels).filter((topic) => topic !== undefined))];
}
