/** What two spellings of one owner's name have in common: names are compared without case and without outer spaces. */
export function toOwnerKey(owner: string): string {
  return owner.trim().toLowerCase();
}
