/** Words of the page's frame: bars, panels, notices. */
export const shell = {
  title: 'Kubehop',
  notices: {
    noScene: (name: string) => `There is no scene called “${name}”. The first scene is shown instead.`,
    brokenState: 'The link’s state could not be read. The default scene is shown instead.',
    sentInLastValid: 'The YAML does not load at the moment: the request was sent in the last valid cluster.',
    editsKept: 'Your edited YAML is shown. Reset brings back the scene as it was.',
  },
}
