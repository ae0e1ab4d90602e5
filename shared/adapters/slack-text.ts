/**
 * A text as Slack shows it and does nothing with it: no mention, link or channel comes of what somebody wrote.
 * Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function plainForSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
