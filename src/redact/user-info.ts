/** What ends the user info: in the authority of a well-formed URL, and where a password has a raw `/`, `?` or `#`. */
export interface UserInfoForms {
  readonly authority: RegExp;
  readonly loose: RegExp;
}

/** For a string that is a URL. A number behind the colon is a port, and the `@` further on part of the path. */
export const IN_URL: UserInfoForms = {
  authority: /^[^/?#\\]*@/,
  loose: /^[^/?#:@[]*:(?!\d{0,5}(?:[^\w%]|$))[\s\S]*@/,
};

/** For a URL inside a text, which white space and quotes end. */
export const IN_TEXT: UserInfoForms = {
  authority: /^[^\s"<>`/?#\\]*@/,
  loose: /^[^\s"<>`/?#:@[]*:(?!\d{0,5}(?:[^\w%]|$))[^\s"<>`]*@/,
};

/**
 * Replaces the user info of every `scheme://user:password@host` in a text, the `@` with it; schemes of
 * connection strings are no different. Byte for byte the same where there is none.
 */
export function replaceUserInfo(text: string, forms: UserInfoForms, replacement: string): string {
  // The rarer of the two first.
  if (!text.includes('@') || !text.includes('://')) return text;
  const [scheme = '', ...locations] = text.split('://');
  let isSame = true;
  const replaced = locations.map((location) => {
    if (!location.includes('@')) return location;
    const bare = location.replace(forms.authority, '').replace(forms.loose, '');
    if (bare === location) return location;
    isSame = false;
    return replacement + bare;
  });
  return isSame ? text : [scheme, ...replaced].join('://');
}
